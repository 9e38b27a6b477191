// Sends one event of each kind with Segment's library for servers, and says what failed.
//
// node segment_node.mjs HOST WRITE_KEY USER ANONYMOUS
import { Analytics } from "@segment/analytics-node";

const [host, writeKey, userId, anonymousId] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, flushAt: 10, flushInterval: 200 });
const failed = [];
analytics.on("error", (error) => failed.push(`${error.code} ${error.reason}`));

const context = { locale: "de-DE" };
analytics.page({ anonymousId, name: "Home", context });
analytics.identify({ userId, anonymousId, traits: { city: "Ulm" }, context });
const products = [{ product_id: "p1", category: "COFFEE", price: 4, quantity: 1 }];
analytics.track({ userId, event: "Order Completed", properties: { total: 4, currency: "EUR", products }, context });
analytics.screen({ userId, name: "Cart", context });
analytics.group({ userId, groupId: "team-1", traits: { size: 3 }, context });
analytics.alias({ userId, previousId: `${anonymousId}-before`, context });

await analytics.closeAndFlush({ timeout: 60_000 });
if (failed.length) throw new Error(failed.join(", "));
