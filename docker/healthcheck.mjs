// node healthcheck.mjs <variable with the port> <path>: ends with 0 if this container's program answers 200 there.
const [variable = '', path = '/'] = process.argv.slice(2);
const answer = await fetch(`http://127.0.0.1:${process.env[variable]}${path}`).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
