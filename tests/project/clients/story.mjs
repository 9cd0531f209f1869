// What every Node client tells: `people` people, ten events each. `tell(call, message)` hands an event to the client under test.
// story.py tells the same.
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function story(who, people, tell) {
  for (let k = 0; k < people; k++) {
    const anonymousId = `${who}-browser-${k}`, userId = `${who}-user-${k}`, order_id = `${who}-order-${k}`;
    const events = [
      ["track", { anonymousId, event: "Product Viewed", properties: { product_id: `p${k}`, price: 3.5 } }],
      ["page", { anonymousId, name: "Home", properties: { url: "https://shop.example/?utm_source=test", path: "/" } }],
      ["identify", { userId, traits: { email: `${k}.${who}@example.org`, firstName: "Núria", lastName: who } }],
      ["track", { anonymousId, userId, event: "Signed Up", properties: { plan: "free" } }],
      ["screen", { userId, name: "Main", properties: {} }],
      ["track", { userId, event: "Order Completed", properties: { order_id, total: 10.5 + k, currency: "EUR" } }],
      ["track", { userId, event: "Order Refunded", properties: { order_id, total: 1.25, currency: "EUR" } }],
      ["group", { userId, groupId: `${who}-org`, traits: { name: `Coop ${who}` } }],
      ["track", { userId, event: "Donació feta", properties: { cause: "teulada 🏠" } }],
      ["alias", { userId, previousId: `${who}-old-${k}` }],
    ];
    for (const [call, message] of events) {
      tell(call, message);
      await pause(40);
    }
  }
}

// The address, the key, the client's name and the number of people come as arguments; what became of the events goes out as JSON.
export const [host, key, who, people] = process.argv.slice(2).map((given, place) => (place === 3 ? Number(given) : given));
export const accepted = new Set(), refused = [];
export function report(sent) {
  process.stdout.write(JSON.stringify({ sent, accepted: [...accepted], refused }) + "\n");
}
