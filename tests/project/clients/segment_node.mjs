import { Analytics } from "@segment/analytics-node";
import { accepted, host, key, people, refused, report, story, who } from "./story.mjs";

const client = new Analytics({ writeKey: key, host, flushAt: 15, flushInterval: 500, maxRetries: 12 });
client.on("error", (error) => refused.push(String(error.reason ?? error.code)));
let sent = 0;
await story(who, people, (call, message) => {
  sent++;
  client[call](message, (error, context) => (error ? refused.push(String(error)) : accepted.add(context.event.messageId)));
});
await client.closeAndFlush({ timeout: 40000 });
report(sent);
