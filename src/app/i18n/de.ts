import type { Catalogue } from './en.ts';
import { isolate, plural } from './plural.ts';

const count = (one: string, other: string) => plural('de', { one, other });

/** Everything the page says, in German. */
export const de: Catalogue = {
  name: 'Parallel Chunk Uploader',
  starting: 'Startet …',
  reload: 'Neu laden',
  close: 'Schließen',
  undo: 'Rückgängig',
  dismiss: 'Ausblenden',

  signIn: {
    out: 'Abmelden',
    title: 'Zum Senden anmelden',
    how: 'Öffne den Anmeldelink, den der Server beim Start ausgegeben hat, oder füge ihn hier ein.',
    kept: 'Was du inzwischen hinzufügst, bleibt auf diesem Gerät und geht los, wenn du wieder angemeldet bist.',
    question:
      'Deine Uploads liegen noch in diesem Browser. Niemand sonst, der sich hier anmeldet, sieht oder sendet sie.',
    keep: 'Behalten und abmelden',
    forget: 'Entfernen und abmelden',
    stay: 'Angemeldet bleiben',
    link: 'Anmeldelink',
    go: 'Anmelden',
    used: 'Dieser Link wurde schon benutzt oder gehört nicht zu diesem Server.',
  },

  add: {
    title: 'Dateien hinzufügen',
    files: 'Dateien wählen',
    folder: 'Ordner wählen',
    camera: 'Foto aufnehmen',
    hint: 'oder irgendwohin ziehen oder einfügen',
    drop: 'Zum Hinzufügen loslassen',
    unreadable: count(
      '{n} Datei war nicht zu lesen und blieb weg.',
      '{n} Dateien waren nicht zu lesen und blieben weg.',
    ),
    shared: count('{n} Datei kam aus einer anderen App', '{n} Dateien kamen aus einer anderen App'),
    sharedNobody:
      'Melde dich auf diesem Gerät einmal an und teile die Datei dann noch einmal: bis dahin gibt es keine Liste, die sie aufnimmt.',
    sharedNothing: 'Was eine andere App geteilt hat, war keine Datei.',
    sharedFailed:
      'Was eine andere App geteilt hat, konnte nicht behalten werden. Teile es noch einmal oder wähle es hier.',
  },

  form: {
    title: 'Angaben für den Server',
    type: 'Art',
    task: 'Aufgaben-ID',
    profile: 'Profil-ID',
    notes: 'Notizen',
    profileRule: 'Die Profil-ID muss eine ganze Zahl sein',
    taskRule: 'Aufgaben-ID nötig',
    types: { file: 'Datei', zip: 'Zip', zip_no_qr: 'Zip ohne QR-Codes', images: 'Bilder, als ein Paket' },
    about: {
      file: 'Jede Datei wird ein eigenes Paket.',
      zip: 'Jedes Archiv wird ein eigenes Paket.',
      zip_no_qr: 'Jedes Archiv wird ein eigenes Paket und braucht eine Aufgaben-ID.',
      images: 'Alle Bilder werden ein Paket und brauchen eine Aufgaben-ID.',
    },
  },

  review: {
    title: 'Vor dem Hinzufügen',
    duplicates: count(
      '{n} Datei ist schon in der Liste, mit gleichem Namen, gleicher Größe, gleichem Datum und gleichen Angaben.',
      '{n} Dateien sind schon in der Liste, mit gleichem Namen, gleicher Größe, gleichem Datum und gleichen Angaben.',
    ),
    addAll: 'Noch einmal hinzufügen',
    addNew: 'Nur die neuen hinzufügen',
    queue: count('{n} Bild als ein Paket hinzufügen', '{n} Bilder als ein Paket hinzufügen'),
    queueFiles: count('{n} Datei hinzufügen', '{n} Dateien hinzufügen'),
    discard: 'Nichts hinzufügen',
    total: (total, limit) => `${total} von ${limit}`,
    tooLarge: (over) => `Das Paket ist zu groß: lass ${over} weg.`,
    noRoom: (free, needed) => `Auf diesem Gerät ist Platz für ${free}, gebraucht werden ${needed}.`,
    leaveOut: (name) => `${isolate(name)} weglassen`,
    more: count('und {n} weiteres', 'und {n} weitere'),
  },

  queue: {
    title: 'Liste',
    empty: 'Noch nichts hier',
    emptyHow:
      'Was du hinzufügst, wird zuerst in diesen Browser kopiert. Von da an darfst du den Tab schließen: es geht von selbst weiter.',
    steps: [
      'Dateien wählen oder hierher ziehen',
      'Sie werden in diesen Browser kopiert',
      'Sie kommen an, auch nach Abbrüchen und Neustarts',
    ],
    reading: 'Die Liste wird gelesen',
    gone: 'Dieser Upload ist nicht mehr in der Liste.',
    noMatch: 'Kein Upload passt.',
    showAll: 'Alle zeigen',
    filter: 'Zeigen',
    filters: { all: 'Alle', active: 'Unterwegs', waiting: 'Wartend', done: 'Angekommen', failed: 'Gescheitert' },
    search: 'Nach Namen suchen',
    sort: 'Ordnen nach',
    sorts: { order: 'Sendefolge', name: 'Name', size: 'Größe', newest: 'Neueste zuerst' },
    pauseAll: 'Alle anhalten',
    resumeAll: 'Alle fortsetzen',
    clear: 'Fertige entfernen',
    summary: (arrived, all) => `${arrived} von ${all} angekommen`,
    nothingLeft: count('{n} Upload angekommen', 'Alle {n} Uploads angekommen'),
    ended: count('{n} Upload, nichts mehr zu senden', '{n} Uploads, nichts mehr zu senden'),
    keys: 'Pfeiltasten gehen weiter, Eingabe öffnet, Leertaste hält an oder setzt fort, Entf bricht ab oder entfernt, Alt mit Pfeil ordnet um.',
  },

  state: {
    staging: 'Wird kopiert',
    queued: 'Eingereiht',
    uploading: 'Wird gesendet',
    paused: 'Angehalten',
    completed: 'Angekommen',
    failed: 'Gescheitert',
    cancelled: 'Abgebrochen',
    network: 'Wartet auf das Netz',
    backoff: (time) => `Wartet und versucht es in ${time} wieder`,
    backoffNow: 'Wartet und versucht es wieder',
    signIn: 'Wartet auf deine Anmeldung',
    file: 'Das Kopieren brach ab: wähle die Datei noch einmal',
    unconfirmed: 'Vielleicht angekommen: die Antwort des Servers ging verloren',
    carrier: 'Dem Browser übergeben',
  },

  closing: {
    nothingLeft: 'Davon wird nichts mehr gesendet.',
    copying: 'Wird noch kopiert: lass diesen Tab offen, Schließen bricht es ab.',
    needs: {
      'sign-in': 'Es geht weiter, sobald du angemeldet bist, geschlossen oder nicht.',
      file: 'Was davon kopiert wurde, bleibt, bis du die Datei noch einmal wählst.',
      unconfirmed: 'Noch einmal senden kann ein zweites Paket ergeben; bis du antwortest, wartet es.',
      resume: 'Es bleibt angehalten, geschlossen oder nicht.',
      retry: 'Es bleibt, bis du es noch einmal versuchst oder entfernst.',
    },
    waiting: count(
      '{n} Upload wartet auf dich, geschlossen oder nicht.',
      '{n} Uploads warten auf dich, geschlossen oder nicht.',
    ),
    carried: count(
      '{n} weiteren Upload macht der Browser selbst fertig, geschlossen oder nicht.',
      '{n} weitere Uploads macht der Browser selbst fertig, geschlossen oder nicht.',
    ),
    networkAlarm: 'Du darfst diesen Tab schließen: es wartet auf das Netz und geht dann von selbst weiter.',
    networkVisit:
      'Du darfst diesen Tab schließen: es wartet auf das Netz und geht weiter, wenn du die App wieder öffnest.',
    handedOver: 'Du darfst diesen Tab schließen: der Browser selbst macht es fertig.',
    handedOverIn: (time) => `Du darfst diesen Tab schließen: der Browser selbst ist in etwa ${time} damit fertig.`,
    finishes: (time) => `Du darfst diesen Tab schließen: im Hintergrund ist es in etwa ${time} fertig.`,
    goesOnAlarm: (time) =>
      `Jetzt geschlossen, läuft es etwa ${time} weiter, der Rest beim nächsten Start der App oder des Browsers.`,
    goesOnVisit: (time) => `Jetzt geschlossen, läuft es etwa ${time} weiter, der Rest, wenn du die App wieder öffnest.`,
    partlyAlarm: (time, within) =>
      `Jetzt geschlossen, läuft es etwa ${time} der nächsten ${within} weiter, der Rest beim nächsten Start der App oder des Browsers.`,
    partlyVisit: (time, within) =>
      `Jetzt geschlossen, läuft es etwa ${time} der nächsten ${within} weiter, der Rest, wenn du die App wieder öffnest.`,
    unmeasuredAlarm: (time) =>
      `Du darfst diesen Tab schließen: es läuft bis zu ${time} weiter, der Rest beim nächsten Start der App oder des Browsers.`,
    unmeasuredVisit: (time) =>
      `Du darfst diesen Tab schließen: es läuft bis zu ${time} weiter, der Rest, wenn du die App wieder öffnest.`,
  },

  carrier: {
    handOver: 'Nach dem Schließen weitermachen',
    preparing: 'Wird vorbereitet …',
    stop: 'Nicht mehr vorbereiten',
    takeBack: 'Zurückholen',
    title: (name, others) =>
      others > 0 ? `${isolate(name)} und ${others} weitere werden gesendet` : `${isolate(name)} wird gesendet`,
    mode: 'Was länger dauert, als die geschlossene Seite arbeiten darf, kann der Browser selbst zu Ende bringen',
    modes: { ask: 'Anbieten', always: 'Immer', never: 'Nie' },
  },

  tidings: {
    uploaded: 'Angekommen',
    failed: 'Gescheitert',
    signIn: 'Wartet auf deine Anmeldung',
  },

  row: {
    leaves: (day) => `Verlässt diese Liste, mit allem, was hier davon liegt, am ${day}.`,
    andMore: (first, others) => `${isolate(first)} und ${others} weitere`,
    sent: (sent, total) => `${sent} von ${total}`,
    sentAbout: (sent, total) => `etwa ${sent} von ${total}`,
    left: (time) => `noch ${time}`,
    pause: 'Anhalten',
    resume: 'Fortsetzen',
    cancel: 'Abbrechen',
    remove: 'Entfernen',
    retry: 'Noch einmal versuchen',
    sendAgain: 'Noch einmal senden',
    chooseAgain: 'Noch einmal wählen',
    signIn: 'Anmelden',
    freeStorage: 'Platz schaffen',
    details: 'Einzelheiten',
    drag: 'Ziehen, um umzuordnen',
    batch: 'Paket',
    cancelled: (name) => `${isolate(name)} abgebrochen`,
    removed: (name) => `${isolate(name)} entfernt`,
    cleared: count('{n} Upload entfernt', '{n} Uploads entfernt'),
  },

  details: {
    size: 'Größe',
    queuedAt: 'Hinzugefügt',
    attempts: 'Runden ohne Antwort',
    lastError: 'Letzter Fehler',
    none: 'keiner',
    session: 'Sitzung',
    digest: 'SHA-256',
    digestLater: 'bekannt, sobald der Server alles gelesen hat',
    notShown: 'Dieser Server zeigt nicht, was angekommen ist.',
    save: 'Speichern',
    files: 'Dateien',
    first: 'Zuerst senden',
    up: 'Nach oben',
    down: 'Nach unten',
    copy: 'Protokoll kopieren',
    copied: 'Protokoll kopiert',
    copyRefused: 'Der Browser ließ das Protokoll nicht kopieren.',
  },

  map: {
    label: (done, all) => `${done} von ${all} Teilen bestätigt`,
    perCell: count('Jedes Quadrat ist {n} Teil', 'Jedes Quadrat sind {n} Teile'),
    unstaged: 'Noch nicht kopiert',
    staged: 'Kopiert',
    inFlight: 'Unterwegs',
    retrying: 'Neuer Versuch',
    backgroundFetch: 'Übergeben',
    acknowledged: 'Bestätigt',
  },

  traffic: {
    title: 'Durchsatz',
    now: 'Jetzt',
    mean: 'Im Mittel',
    peak: 'Höchstens',
    retries: 'Neue Versuche',
    offline: 'Offline',
    chart: (minutes) => `Bytes pro Sekunde in den letzten ${minutes}`,
  },

  status: {
    title: 'Zustand und Einstellungen',
    online: 'Online',
    offline: 'Offline: was du hinzufügst, wird behalten und später gesendet',
    offlineShort: 'Offline',
    stalled: 'Stockt: die Verbindung bewegt sich nicht',
    stalledShort: 'Stockt',
    background: 'Im Hintergrund',
    sync: 'Dieser Browser macht bei geschlossenem Tab weiter und weckt den Uploader, wenn das Netz wiederkommt.',
    noSync: 'Dieser Browser sendet, solange die Seite offen ist, und macht weiter, wenn du sie wieder öffnest.',
    storage: 'Speicher',
    used: (used, quota) => `${used} von ${quota} belegt`,
    usedShort: (used) => `${used} hier behalten`,
    durable: 'Dauerhaft: der Browser räumt ihn nicht von selbst.',
    notDurable: 'Der Browser darf ihn räumen, wenn auf dem Gerät der Platz ausgeht.',
    makeDurable: 'Speicher dauerhaft machen',
    durableRefused: 'Der Browser sagte nein. Die App zu installieren hilft oft.',
    full: 'Der Speicher ist fast voll',
    mobile: 'Nicht über mobile Daten',
    mobileHeld: 'Angehalten: das sind mobile Daten',
    tell: 'Bei geschlossener App Bescheid sagen',
    tells: 'Der Browser sagt Bescheid, wenn Uploads ankommen oder dich brauchen.',
    language: 'Sprache',
    install: 'App installieren',
    installHow: 'Eine installierte App öffnet Dateien, nimmt von anderen Apps Geteiltes an und behält ihren Speicher.',
    keyboard: 'Tastatur',
  },

  announce: {
    one: (name, state) => `${isolate(name)}: ${state}`,
    added: count('{n} hinzugefügt', '{n} hinzugefügt'),
    uploaded: count('{n} angekommen', '{n} angekommen'),
    failed: count('{n} gescheitert', '{n} gescheitert'),
    waiting: count('{n} wartet auf dich', '{n} warten auf dich'),
    moved: (place, all) => `Jetzt Nummer ${place} von ${all}`,
  },

  update: {
    ready: 'Eine neue Version ist bereit.',
    whenIdle: 'Neu laden, wenn nichts unterwegs ist',
    waiting: 'Lädt neu, sobald nichts mehr unterwegs ist.',
  },

  errors: {
    no_file: 'Keine Datei angegeben',
    task_id_required: 'Aufgaben-ID nötig',
    batch_too_large: 'Das Paket ist zu groß',
    no_token: 'Niemand ist angemeldet',
    unreadable_file:
      'Die Datei war nicht zu lesen: sie wurde verschoben, geändert oder liegt nicht auf diesem Gerät. Wähle sie noch einmal.',
    different_file: 'Das ist nicht die Datei, die vorher gewählt wurde.',
    storage_full:
      'Auf diesem Gerät ist dafür kein Platz mehr. Schaffe Platz, oder warte, bis andere Uploads angekommen sind.',
    worker_unavailable:
      'Dieser Browser kann nicht im Hintergrund senden: öffne die Seite über https, außerhalb privater Fenster.',
    newer_version: 'Eine neuere Version dieser App verwahrt die Uploads hier: lade die Seite neu.',
    database_closed: 'Der Browser hat die Datenbank dieser App geschlossen: lade die Seite neu.',
    hand_over_refused: 'Der Browser hat es nicht übernommen. Es geht hier weiter wie bisher.',
    unknown_upload: 'Dieser Upload wurde entfernt.',
    no_batch_id: 'Alles wurde gesendet, aber der Server nannte keine Paket-ID.',
    bad_answer: 'Der Server antwortete unverständlich.',
    network: 'Der Server war nicht zu erreichen.',
  },
};
