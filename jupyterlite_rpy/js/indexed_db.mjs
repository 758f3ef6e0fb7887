// Requests of a browser's IndexedDB in; promises of their results out.
//
// Within a transaction nothing else may be awaited: it ends by itself as soon as no request of it is under way.

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
export const finished = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("the browser stopped the transaction", "AbortError"));
  });

/**
 * @template {IDBCursor} C
 * @param {IDBRequest<C | null>} request
 * @param {(cursor: C) => void} take
 * @returns {Promise<void>}
 */
export const eachOf = (request, take) =>
  new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return resolve();
      try {
        take(cursor);
        cursor.continue();
      } catch (error) {
        reject(error);
      }
    };
  });

/** Keys of all that is below a folder. @param {string} path */
export const below = (path) => IDBKeyRange.bound(`${path}/`, `${path}0`, false, true); // "0" follows "/"
