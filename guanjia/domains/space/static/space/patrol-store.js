/* What a telephone keeps for 手机巡检: the rooms of rounds, the records that wait and what is half
   filled in, in IndexedDB. Everything is kept by account; the rooms of another account are let go, its
   records never. */
(function () {
  "use strict";
  const NAME = "guanjia-patrol";
  const DAYS_KEPT = 45; // rooms of a round that nobody opened for so long are let go

  let opened = null;
  function open() {
    opened = opened || new Promise((done, failed) => {
      const asked = indexedDB.open(NAME, 2);
      asked.onupgradeneeded = (event) => {
        if (event.oldVersion < 1) {
          asked.result.createObjectStore("rounds", { keyPath: ["account", "id"] });
          asked.result.createObjectStore("looks", { keyPath: "uid" }).createIndex("account", "account");
        }
        asked.result.createObjectStore("drafts", { keyPath: ["account", "round", "room"] });
      };
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close(); // a newer page of this telephone
        done(asked.result);
      };
      asked.onerror = () => failed(asked.error);
    });
    return opened;
  }
  async function run(store, mode, act, durability = "strict") {
    const base = await open();
    return new Promise((done, failed) => {
      const change = base.transaction(store, mode, mode === "readwrite" ? { durability } : {});
      const asked = act(change.objectStore(store));
      change.oncomplete = () => done(asked && asked.result);
      change.onabort = change.onerror = () => failed(change.error || new Error("store"));
    });
  }

  const store = {
    open,
    /** Keep the rooms of a round as they were read; ``at`` by this telephone's clock. */
    keepRound: (account, told) => run("rounds", "readwrite", (rows) => rows.put({ account, id: told.round.id, told, at: Date.now() })),
    round: async (account, id) => ((await run("rounds", "readonly", (rows) => rows.get([account, id]))) || null),
    dropRound: (account, id) => run("rounds", "readwrite", (rows) => rows.delete([account, id])),
    /** Let go of rooms that are another account's, or old, and of old drafts. */
    async tidy(account) {
      const rows = await run("rounds", "readonly", (all) => all.getAll());
      const before = Date.now() - DAYS_KEPT * 86400000;
      for (const row of rows) if (row.account !== account || row.at < before) await store.dropRound(row.account, row.id);
      const drafts = await run("drafts", "readonly", (all) => all.getAll());
      for (const row of drafts) if (row.at < before) await store.dropDraft(row.account, row.round, row.room);
    },
    /** What is filled in about a room and not recorded yet. */
    keepDraft: (draft) => run("drafts", "readwrite", (rows) => rows.put(draft), "relaxed"),
    dropDraft: (account, round, room) => run("drafts", "readwrite", (rows) => rows.delete([account, round, room])),
    drafts: async (account, round) => (await run("drafts", "readonly", (rows) => rows.getAll())).filter((draft) => draft.account === account && draft.round === round),
    put: (look) => run("looks", "readwrite", (rows) => rows.put(look)),
    drop: (uid) => run("looks", "readwrite", (rows) => rows.delete(uid)),
    look: (uid) => run("looks", "readonly", (rows) => rows.get(uid)),
    /** What one account recorded and is not sent, the oldest first. */
    async looks(account) {
      const rows = await run("looks", "readonly", (all) => all.index("account").getAll(account));
      return rows.sort((one, other) => one.kept_at - other.kept_at);
    },
    async others(account) {
      const all = await run("looks", "readonly", (rows) => rows.count());
      const mine = await run("looks", "readonly", (rows) => rows.index("account").count(account));
      return all - mine;
    },
  };
  window.patrolStore = store;
})();
