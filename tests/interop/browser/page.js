// What a front end does: calls the gateway with connect-web, whose gRPC-Web is binary (the text form it does
// not speak; test_rest.py does).
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { BadRequestSchema, ErrorInfoSchema, LocalizedMessageSchema } from "google/rpc/error_details_pb.js";
import { RegionService } from "steward/directory/v1/region_pb.js";
import { LedgerService } from "steward/ledger/v1/ledger_service_pb.js";

/** What a failed call tells. */
function told(error) {
  const failure = ConnectError.from(error);
  const details = (schema) => failure.findDetails(schema);
  return {
    code: Code[failure.code],
    reasons: details(ErrorInfoSchema).map((it) => it.reason),
    fields: details(BadRequestSchema).flatMap((it) => it.fieldViolations.map((fault) => fault.field)),
    sentences: details(LocalizedMessageSchema).map((it) => [it.locale, it.message]),
  };
}

async function attempt(call) {
  try {
    return { answer: await call() };
  } catch (error) {
    return { refused: told(error) };
  }
}

/** The keys of a stream, part by part. */
async function parts(stream) {
  const all = [];
  for await (const part of stream) {
    all.push(part.keys.map((key) => key.documentNo));
  }
  return all;
}

window.work = async ({ gateway, token, entry, period }) => {
  const transport = createGrpcWebTransport({ baseUrl: gateway, defaultTimeoutMs: 30_000 });
  const [regions, ledger] = [RegionService, LedgerService].map((it) => createClient(it, transport));
  const authorization = `Bearer ${token}`;
  const headers = { authorization, "steward-domain": "energy" };
  const post = (amountFen) => ledger.postEntries(
    { requestId: crypto.randomUUID(), entries: [{ ...entry, amountFen: BigInt(amountFen) }] }, { headers });
  const { documentNo } = entry;
  return {
    regions: await attempt(async () => {
      const page = await regions.listRegions({ pageSize: 3 }, { headers: { authorization } });
      return page.regions.map((it) => [it.code, it.name]);
    }),
    posted: await attempt(async () => (await post(entry.amountFen)).postedCount),
    read: await attempt(async () => {
      const { entries } = await ledger.listEntries({ documentNo }, { headers });
      return entries.map(({ content }) => [content.documentNo, String(content.amountFen), content.memo]);
    }),
    streamed: await attempt(() => parts(ledger.listDocumentKeys({ period }, { headers }))),
    faulty: await attempt(() => post(0)),
    anonymous: await attempt(() => ledger.listEntries({}, { headers: { "steward-domain": "energy" } })),
    unstreamed: await attempt(() => parts(ledger.listDocumentKeys({}, { headers }))),
  };
};
