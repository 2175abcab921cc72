// The real mail services of Auth.js, for the differential test of crates/vestibule-mailers: cases come in as JSON, the requests that they
// would have sent go out. A case is { module, options, to, link }, a request { method, url, headers, body }.

let request;
globalThis.fetch = async (url, { method, headers, body }) => {
  request = { method, url, headers, body: body instanceof FormData ? Object.fromEntries(body) : JSON.parse(body) };
  return Response.json({});
};

let input = "";
for await (const chunk of process.stdin) input += chunk;
const requests = [];
for (const { module, options, to, link } of JSON.parse(input)) {
  const { default: provider } = await import(`@auth/core/providers/${module}`);
  const { options: _, ...defaults } = provider(options);
  await defaults.sendVerificationRequest({
    identifier: to,
    url: link,
    expires: new Date(),
    provider: { ...defaults, ...options },
    theme: {},
    token: "t",
  });
  requests.push(request);
}
process.stdout.write(JSON.stringify(requests));
