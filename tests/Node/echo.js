// An MQTT 5 client that is not ours: what comes on all/say goes back on all/echo.
// node echo.js HOST PORT CA-FILE USER PASSWORD
const fs = require("node:fs");
const mqtt = require("mqtt");
const [host, port, authority, username, password] = process.argv.slice(2);
const client = mqtt.connect({ protocol: "mqtts", host, port: Number(port), ca: fs.readFileSync(authority), username, password, protocolVersion: 5, reconnectPeriod: 0 });
client.on("connect", () => client.subscribe("all/say", { qos: 1 }, () => client.publish("all/ready", "", { qos: 1 })));
client.on("message", (_, payload) => client.publish("all/echo", payload, { qos: 1 }));
client.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
