const PING_MS = 1_000;

/** Whether Redis answers, and soon. */
export async function redisAnswers(client: { ping(): Promise<unknown> }): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), PING_MS)));
  const pong = client.ping().then(
    () => true,
    () => false,
  );
  const result = await Promise.race([pong, silence]);
  clearTimeout(timer);
  return result;
}
