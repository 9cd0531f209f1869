import { randomUUID } from "node:crypto";
import Rudder from "@rudderstack/rudder-sdk-node";
import { accepted, host, key, people, refused, report, story, who } from "./story.mjs";

const client = new (Rudder.default ?? Rudder)(key, { dataPlaneUrl: host, flushInterval: 500, retryCount: 12, logLevel: "error", errorHandler: () => undefined });
let sent = 0, told = 0;
await story(who, people, (call, message) => {
  const messageId = randomUUID(); // its callback does not name the event
  sent++;
  client[call]({ ...message, messageId }, (error) => {
    told++;
    if (error) refused.push(String(error));
    else accepted.add(messageId);
  });
});
await client.flush();
while (told < sent) await new Promise((resolve) => setTimeout(resolve, 50));
report(sent);
