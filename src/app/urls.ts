/** The folder that the app is served from, relative to the page. Ends with a slash. */
export const BASE = import.meta.env.BASE_URL;

/** The API of the server that serves the app. */
export const API = `${BASE}api`;
