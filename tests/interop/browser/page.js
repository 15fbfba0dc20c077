// What a front end does: calls the gateway with connect-web, whose gRPC-Web is binary, and with Google's client,
// which speaks the text form too.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { BadRequestSchema, ErrorInfoSchema, LocalizedMessageSchema } from "google/rpc/error_details_pb.js";
import { GrpcWebClientBase, MethodDescriptor, MethodType } from "grpc-web";
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

/** Calls a method with Google's client; answers the messages that come, or fails as it does. */
function textual(gateway, method, request, headers) {
  const path = `/${method.parent.typeName}/${method.name}`;
  const kind = method.methodKind === "unary" ? MethodType.UNARY : MethodType.SERVER_STREAMING;
  const descriptor = new MethodDescriptor(
    path, kind, Object, Object, (it) => toBinary(method.input, it), (bytes) => fromBinary(method.output, bytes));
  const [client, message] = [new GrpcWebClientBase({ format: "text" }), create(method.input, request)];
  const metadata = { ...headers, deadline: String(Date.now() + 30_000) };
  if (kind === MethodType.UNARY) {
    return client.unaryCall(gateway + path, message, metadata, descriptor).then((it) => [it]);
  }
  return new Promise((resolve, reject) => {
    const [stream, all] = [client.serverStreaming(gateway + path, message, metadata, descriptor), []];
    stream.on("data", (it) => all.push(it));
    stream.on("error", reject);
    stream.on("end", () => resolve(all));
  });
}

/** The same in the text form. */
async function textually(gateway, headers, period) {
  const { listRegions } = RegionService.method;
  const { listDocumentKeys } = LedgerService.method;
  const [page] = await textual(gateway, listRegions, { pageSize: 3 }, headers);
  const parts = await textual(gateway, listDocumentKeys, { period }, headers);
  const refused = await textual(gateway, listDocumentKeys, {}, headers).catch((error) => error.code);
  return {
    regions: page.regions.map((it) => [it.code, it.name]),
    parts: parts.map(({ keys }) => keys.map((key) => key.documentNo)),
    refused,
  };
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
    text: await attempt(() => textually(gateway, headers, period)),
    unstreamed: await attempt(() => parts(ledger.listDocumentKeys({}, { headers }))),
  };
};
