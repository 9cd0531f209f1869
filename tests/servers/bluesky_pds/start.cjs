// A personal data server of Bluesky and the directory that names its accounts, both on loopback only. Argument: a folder to keep it in.
// Prints {"server", "directory"} when they answer; "stop" and "start" on standard input take the server away and bring it back.
const net = require("net")
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === "number" ? listen.call(this, port, "127.0.0.1", ...rest) : listen.call(this, port, ...rest)
}

// The SQLite that installs without a compiler hands out binary columns as ArrayBuffer, where the server expects Buffer.
const Sqlite = require("better-sqlite3")
const prepare = Sqlite.prototype.prepare
const whole = (row) => {
  for (const name in row) if (Object.prototype.toString.call(row[name]) === "[object ArrayBuffer]") row[name] = Buffer.from(row[name])
  return row
}
Sqlite.prototype.prepare = function (sql) {
  const found = prepare.call(this, sql)
  const { all, get } = found
  found.all = (...values) => all.apply(found, values).map(whole)
  found.get = (...values) => whole(get.apply(found, values))
  return found
}

const { PlcServer, Database } = require("@did-plc/server")
const { PDS, envToCfg, envToSecrets } = require("@atproto/pds")
const { randomBytes } = require("crypto")
const path = require("path")

async function main(folder) {
  const [port, other] = [await freePort(), await freePort()]
  await PlcServer.create({ db: Database.mock(), port: other }).start()
  const settings = {
    port, hostname: "localhost", devMode: true, dataDirectory: folder, blobstoreDiskLocation: path.join(folder, "blobs"),
    didPlcUrl: `http://localhost:${other}`, serviceHandleDomains: [".test"], inviteRequired: false, rateLimitsEnabled: false,
    crawlers: [], adminPassword: "admin", jwtSecret: hex(16), dpopSecret: hex(32), plcRotationKeyK256PrivateKeyHex: hex(32),
  }
  const begin = async () => {
    const made = await PDS.create(envToCfg(settings), envToSecrets(settings))
    await made.start()
    return made
  }
  let server = await begin()
  console.log(JSON.stringify({ server: `http://localhost:${port}`, directory: `http://localhost:${other}` }))
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    if (line === "stop") await server.destroy()
    if (line === "start") server = await begin()
    console.log(JSON.stringify({ done: line }))
  }
  process.exit(0)
}

const hex = (length) => randomBytes(length).toString("hex")

function freePort() {
  return new Promise((done) => {
    const probe = net.createServer()
    listen.call(probe, 0, "127.0.0.1", () => {
      const { port } = probe.address()
      probe.close(() => done(port))
    })
  })
}

main(process.argv[2]).catch((error) => {
  console.error(error)
  process.exit(1)
})
