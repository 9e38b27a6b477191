// Sends one event of each kind with RudderStack's library for servers, and says what failed.
//
// node rudder_node.mjs HOST WRITE_KEY USER ANONYMOUS
import library from "@rudderstack/rudder-sdk-node";

const [dataPlaneUrl, writeKey, userId, anonymousId] = process.argv.slice(2);
const Analytics = library.default ?? library;
const failed = [];
const analytics = new Analytics(writeKey, {
  dataPlaneUrl,
  flushAt: 10,
  flushInterval: 200,
  errorHandler: (error) => failed.push(String(error)),
});

const context = { locale: "de-DE" };
analytics.page({ anonymousId, name: "Home", context });
analytics.identify({ userId, anonymousId, traits: { city: "Ulm" }, context });
const products = [{ product_id: "p1", category: "COFFEE", price: 4, quantity: 1 }];
analytics.track({ userId, event: "Order Completed", properties: { total: 4, currency: "EUR", products }, context });
analytics.screen({ userId, name: "Cart", context });
analytics.group({ userId, groupId: "team-1", traits: { size: 3 }, context });
analytics.alias({ userId, previousId: `${anonymousId}-before`, context });

await analytics.flush();
if (failed.length) throw new Error(failed.join(", "));
process.exit(0); // its timers would keep the process
