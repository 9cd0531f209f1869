import Analytics from "analytics-node";
import { accepted, host, key, people, refused, report, story, who } from "./story.mjs";

const client = new Analytics(key, { host, flushInterval: 500, retryCount: 12, errorHandler: () => undefined });
let sent = 0, told = 0;
await story(who, people, (call, message) => {
  sent++;
  client[call](message, (error, data) => {
    told++;
    if (error) refused.push(String(error));
    else data.batch.forEach((event) => accepted.add(event.messageId));
  });
});
await client.flush();
while (told < sent) await new Promise((resolve) => setTimeout(resolve, 50));
report(sent);
