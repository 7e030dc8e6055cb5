/** Which file of this computer belongs to an unfinished upload, so that it need not be chosen again; only some browsers hand out such a handle. */
export interface Handle {
  getFile: () => Promise<File>;
  requestPermission?: (wanted: { mode: "read" }) => Promise<string>;
}

const [NAME, STORE] = ["brightrun", "files"];

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore | null> {
  if (typeof indexedDB === "undefined") return null;
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  return database.transaction(STORE, mode).objectStore(STORE);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, refuse) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => refuse(request.error ?? new Error("the browser's store refused"));
  });
}

export async function remember(datasetId: string, handle: Handle): Promise<void> {
  const files = await store("readwrite").catch(() => null);
  if (files) await settled(files.put(handle, datasetId)).catch(() => undefined);
}

export async function forget(datasetId: string): Promise<void> {
  const files = await store("readwrite").catch(() => null);
  if (files) await settled(files.delete(datasetId)).catch(() => undefined);
}

/** The file of an unfinished upload, if this browser still may read it. */
export async function recall(datasetId: string): Promise<File | null> {
  try {
    const files = await store("readonly");
    const handle = files ? ((await settled(files.get(datasetId))) as Handle | undefined) : undefined;
    if (!handle) return null;
    const allowed = await handle.requestPermission?.({ mode: "read" });
    return allowed === "denied" ? null : await handle.getFile();
  } catch {
    return null;
  }
}
