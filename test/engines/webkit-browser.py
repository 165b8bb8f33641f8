#!/usr/bin/python3
"""The smallest WebKitGTK browser that WebKitWebDriver can drive and that keeps what pages store, in the folder PROFILE.

WebKit's own MiniBrowser is ephemeral under automation, and an ephemeral WebKit refuses Blobs in IndexedDB.
"""
import os
import gi

gi.require_version('Gtk', '3.0')
gi.require_version('WebKit2', '4.1')
from gi.repository import Gtk, WebKit2

profile = os.environ['PROFILE']
storage = WebKit2.WebsiteDataManager(base_data_directory=f'{profile}/data', base_cache_directory=f'{profile}/cache')
context = WebKit2.WebContext.new_with_website_data_manager(storage)
context.set_automation_allowed(True)


def open_view():
    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
    window = Gtk.Window(default_width=900, default_height=700)
    window.add(view)
    window.show_all()
    view.connect('close', lambda _: window.destroy())
    return view


def started(_, session):
    # The driver compares it with what the test asks for.
    session.set_application_info(WebKit2.ApplicationInfo())
    session.connect('create-web-view', lambda _: open_view())


context.connect('automation-started', started)
Gtk.main()
