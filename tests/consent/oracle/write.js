// Random TC strings by IAB's library, and what it reads in them, as JSON: {valid: [[text, fields]], odd: [[name, text, read]]}.
// node write.js SEED COUNT
const { GVL, PurposeRestriction, Segment, SegmentEncoder, TCModel, TCString } = require("@iabtcf/core");

let state = Number(process.argv[2]) >>> 0;
const ORDER = [Segment.CORE, Segment.VENDORS_DISCLOSED, Segment.PUBLISHER_TC];
const VENDORS = 900;

function below(size) { // mulberry32
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % size;
}

const some = (most, share, from = 1) => Array.from({ length: most }, (_, at) => at + from).filter(() => below(100) < share);
const letter = () => String.fromCharCode(65 + below(26));
const named = (count) => Object.fromEntries(Array.from({ length: count }, (_, at) => [at + 1, { id: at + 1, name: String(at + 1) }]));

function list(policy = 4 + below(3)) {
  const vendors = {};
  for (let id = 1; id <= VENDORS; id++)
    if (id % 7) // there are gaps, as in the real list
      vendors[id] = {
        id, name: String(id), purposes: [1, 3, 4, 5, 6], legIntPurposes: [2, 7, 8, 9, 10], flexiblePurposes: [2, 7, 8, 9, 10],
        specialPurposes: [1], features: [], specialFeatures: [], policyUrl: "",
      };
  return new GVL({
    gvlSpecificationVersion: 3, vendorListVersion: 1 + below(4000), tcfPolicyVersion: policy, lastUpdated: "2026-01-01T00:00:00Z",
    purposes: named(11), specialPurposes: named(3), features: named(3), specialFeatures: named(2), dataCategories: named(11), stacks: {}, vendors,
  });
}

function vendors(vector) {
  const share = [0, 1, 5, 60, 100][below(5)], most = [3, 40, 120, VENDORS][below(4)], from = 1 + below(VENDORS - most + 1);
  vector.set(some(most, share, from));
}

function model() {
  const made = new TCModel(list());
  made.isServiceSpecific = true;
  made.cmpId = 2 + below(4000);
  made.cmpVersion = 1 + below(4000);
  made.consentScreen = below(64);
  made.consentLanguage = letter() + letter();
  made.publisherCountryCode = letter() + letter();
  made.useNonStandardStacks = !below(2);
  made.purposeOneTreatment = !below(2);
  made.specialFeatureOptins.set(some(12, 40));
  made.purposeConsents.set(some(11, 60));
  made.purposeLegitimateInterests.set(some(11, 50).filter((id) => id < 3 || id > 6));
  vendors(made.vendorConsents);
  vendors(made.vendorLegitimateInterests);
  vendors(made.vendorsDisclosed);
  made.publisherConsents.set(some(11, 50));
  made.publisherLegitimateInterests.set(some(11, 50));
  made.numCustomPurposes = below(7);
  made.publisherCustomConsents.set(some(made.numCustomPurposes, 50));
  made.publisherCustomLegitimateInterests.set(some(made.numCustomPurposes, 50));
  return made;
}

function restricted(made) {
  for (let left = below(4); left; left--) {
    const purpose = [2, 7, 8, 9, 10][below(5)], kind = below(3);
    for (const vendor of some(1 + below(120), 50, 1 + below(500)))
      if (vendor % 7) made.publisherRestrictions.add(vendor, new PurposeRestriction(purpose, kind));
  }
  return made;
}

const whole = (made, segments) => TCString.encode(made, { version: 2, segments }); // the official way, by the list of vendors
const parts = (made, segments) => segments.map((one) => SegmentEncoder.encode(made, one)).join("."); // as it stands

const ids = (vector) => [...vector].filter(([, on]) => on).map(([id]) => id);

function read(text) {
  const of = TCString.decode(text), publisher = text.split(".").length > 2;
  return {
    created: of.created.getTime() / 100, updated: of.lastUpdated.getTime() / 100, cmp: of.cmpId, cmp_version: of.cmpVersion,
    screen: of.consentScreen, language: of.consentLanguage, list_version: of.vendorListVersion, policy: of.policyVersion,
    texts: Number(of.useNonStandardStacks), features: ids(of.specialFeatureOptins), consents: ids(of.purposeConsents),
    interests: ids(of.purposeLegitimateInterests), one: Number(of.purposeOneTreatment), country: of.publisherCountryCode,
    vendor_consents: ids(of.vendorConsents), vendor_interests: ids(of.vendorLegitimateInterests), disclosed: ids(of.vendorsDisclosed),
    restrictions: of.publisherRestrictions.getRestrictions().map((one) => [one.purposeId, one.restrictionType, of.publisherRestrictions.getVendors(one)]),
    publisher: publisher && [ids(of.publisherConsents), ids(of.publisherLegitimateInterests), of.numCustomPurposes,
      ids(of.publisherCustomConsents), ids(of.publisherCustomLegitimateInterests)],
  };
}

function reads(text) {
  try { TCString.decode(text); return true; } catch { return false; }
}

function changed(change, segments = ORDER) {
  const made = model();
  change(made);
  return parts(made, segments);
}

const valid = [];
for (let at = 0; at < Number(process.argv[3]); at++) {
  const segments = ORDER.slice(0, 2 + below(2));
  const text = at % 2 ? whole(restricted(model()), segments) : parts(model(), segments);
  valid.push([text, read(text)]);
}

const good = valid[0][0], [core, disclosed] = good.split(".");
const odd = {
  global: changed((made) => { made.isServiceSpecific = false; }),
  "old policy": changed((made) => { made.gvl = list(3); }),
  "no disclosed vendors": core,
  "legitimate interest for purpose 3": changed((made) => { made.purposeLegitimateInterests.set(3); }),
  "legitimate interest for purpose 6": changed((made) => { made.purposeLegitimateInterests.set(6); }),
  "purpose that does not exist": changed((made) => { made.purposeConsents.set(12); }),
  "updated before it was created": changed((made) => { made.created = new Date(Date.UTC(2026, 0, 2)); made.lastUpdated = new Date(Date.UTC(2026, 0, 1)); }),
  "segment twice": good + "." + disclosed,
  "allowed vendors": good + "." + changed(() => {}, [Segment.VENDORS_ALLOWED]),
  "more behind its end": core + "AAAA." + disclosed,
};
process.stdout.write(JSON.stringify({ valid, odd: Object.entries(odd).map(([name, text]) => [name, text, reads(text)]) }));
