import { PutRefused, type Put } from "./send";

/** A PUT that tells how much has gone: fetch cannot. */
export const put: Put = (url, body, headers, onSent, signal) =>
  new Promise((done, refuse) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) {
      // a browser sets the length itself and forbids that it is set
      if (name.toLowerCase() !== "content-length" && name.toLowerCase() !== "host") request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => (request.status < 300 ? done() : refuse(new PutRefused(request.status)));
    request.onerror = () => refuse(new PutRefused(0));
    request.onabort = () => refuse(new DOMException("stopped", "AbortError"));
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.send(body);
  });
