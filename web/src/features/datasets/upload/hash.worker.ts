/** SHA-256 of a file, off the page's thread. */
self.onmessage = async (event: MessageEvent<Blob>) => {
  const digest = await crypto.subtle.digest("SHA-256", await event.data.arrayBuffer());
  self.postMessage([...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
};
