import type { ConfigurationOptions, CoreV1Api, Observable, ObservableMiddleware } from '@kubernetes/client-node'
import { type Clock, clockOf } from '../../clock.js'
import { LONGEST_WAIT, retry, retryOf } from '../../retry.js'
import type { RetrySettings } from '../../settings/index.js'
import { coreApi, type KubernetesApi } from './api.js'
import { ApiError, apiError, type Target } from './api-error.js'

/** What every function that asks the API server can be told. */
export interface RequestOptions {
  /** Ends every wait at once; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * How often a request is repeated that the server was too busy for (429, 5xx) or that it did not answer, and the
   * seconds before the first repetition, growing from there. What the server asks for by `Retry-After` comes first.
   * Default: 5 times, 0.5 seconds.
   */
  readonly retry?: Partial<RetrySettings> | undefined
  /** By which everything waits that does, and credentials expire. Default: the machine's. For tests. */
  readonly clock?: Clock | undefined
}

/** How one request is sent. */
export interface SendOptions {
  /** Of a patch: client-node would send every one as a JSON patch. */
  readonly contentType?: string
  /** Values that must not appear in an error. */
  readonly secrets?: readonly string[]
  /**
   * Goes on for two minutes whatever the signal and the retries say: for what must not be left half done. The function
   * says which refusals may pass, besides those that always may.
   */
  readonly persist?: (error: ApiError) => boolean
  /** Takes the answer as it arrives, in place of client-node's waiting for its end. */
  readonly onStream?: (stream: ReadableStream<Uint8Array>) => Promise<void>
}

/** Sends requests through the user's API object: repeated, stoppable, over shared connections, with typed errors. */
export interface Session<Api = CoreV1Api> {
  readonly signal: AbortSignal | undefined
  readonly clock: Clock
  /** Waits, unless the signal ends it. */
  pause(seconds: number): Promise<void>
  send<T>(target: Target, call: Call<Api, T>, options?: SendOptions): Promise<T>
}

type Call<Api, T> = (api: Api, options: ConfigurationOptions) => Promise<T>

const DEFAULT_RETRY: RetrySettings = { attempts: 5, delay: 0.5 }
/** Where a request must get through: for how long, and how often at least, in seconds. */
const PERSISTENCE = 120
const PERSISTENT_WAIT = 5
/** The API server ends a request itself after a minute. */
const ANSWER_WITHIN = 65_000

/** A session lives for one call of the user's: credentials of the kubeconfig that change are seen by the next. */
export async function openSession(api: KubernetesApi, options: RequestOptions = {}): Promise<Session> {
  return sessionFor(await coreApi(api), options)
}

export function sessionFor<Api>(api: Api, options: RequestOptions): Session<Api> {
  const { signal } = options
  const settings = retryOf(options.retry, DEFAULT_RETRY)
  const clock = clockOf(options.clock)
  const connections = new SharedConnections()
  return {
    signal,
    clock,
    pause: (seconds) => pause(clock, seconds, signal),
    send: (target, call, options = {}) => {
      const { persist, secrets = [], onStream } = options
      const stop = persist ? undefined : signal
      const attempt = async (): Promise<Awaited<ReturnType<typeof call>>> => {
        const limit = onStream ? [] : [AbortSignal.timeout(ANSWER_WITHIN)]
        const ends = AbortSignal.any([...limit, ...(stop ? [stop] : [])])
        try {
          return await call(api, requestOptions(ends, connections, options))
        } catch (thrown) {
          stop?.throwIfAborted()
          const error = apiError(thrown, target, secrets, clock.now())
          if (error.status === 0) connections.forget()
          throw error
        }
      }
      return retry(attempt, {
        settings: persist ? { ...settings, attempts: Infinity } : settings,
        ...(persist && { longestWait: PERSISTENT_WAIT, endsAt: clock.now() + PERSISTENCE * 1000 }),
        clock,
        mayPass: (error) => error instanceof ApiError && (error.mayPass || persist?.(error) === true),
        // Unlike a registry, the API server is asked again however long it asks to wait.
        asks: (error) => {
          const { retryAfter } = error as ApiError
          return retryAfter === undefined ? undefined : Math.min(retryAfter, LONGEST_WAIT)
        },
        signal: own(stop),
      })
    },
  }
}

/** Waits on the user's signal or one that follows it. */
export function pause(clock: Clock, seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return clock.wait(seconds, own(signal))
}

/** Of a signal that many wait on at once, each has its own copy: Node warns of more than ten listeners. */
function own(signal: AbortSignal | undefined): AbortSignal | undefined {
  return signal && AbortSignal.any([signal])
}

type Request = Parameters<ObservableMiddleware['pre']>[0]
type Dispatcher = NonNullable<ReturnType<Request['getDispatcher']>>
type Response = Parameters<ObservableMiddleware['post']>[0]

function requestOptions(
  signal: AbortSignal,
  connections: SharedConnections,
  options: SendOptions,
): ConfigurationOptions {
  const { contentType, onStream } = options
  const middleware: ObservableMiddleware = {
    pre: (request) => {
      request.setSignal(signal)
      if (contentType !== undefined) request.setHeaderParam('Content-Type', contentType)
      connections.use(request)
      return observable(Promise.resolve(request))
    },
    post: (response) => observable(onStream ? streamed(response, onStream) : Promise.resolve(response)),
  }
  return { middleware: [middleware], middlewareMergeStrategy: 'append' }
}

/**
 * client-node makes a dispatcher for every request, and so a connection for every request. The requests of a session
 * all go through the first of them, which has the certificates and the proxy of the kubeconfig like the others.
 */
class SharedConnections {
  #dispatcher: Dispatcher | undefined

  use(request: Request): void {
    this.#dispatcher ??= request.getDispatcher()
    if (this.#dispatcher !== undefined) request.setDispatcher(this.#dispatcher.compose(keptOpen))
  }

  /** The next request brings another: `applyProxy` closes its own when a client certificate was renewed. */
  forget(): void {
    this.#dispatcher = undefined
  }
}

/** undici closes a connection after a DELETE with a body, for servers that do not expect one. This one does. */
const keptOpen: Parameters<Dispatcher['compose']>[0] = (dispatch) => (options, handler) =>
  dispatch({ ...options, reset: false }, handler)

async function streamed(response: Response, onStream: NonNullable<SendOptions['onStream']>): Promise<Response> {
  const stream = response.httpStatusCode === 200 ? response.body.stream() : null
  if (stream === null) return response
  await onStream(stream)
  // What client-node goes on to read: the stream is used up.
  response.body = { ...response.body, text: () => Promise.resolve('{}') }
  return response
}

/** What middleware returns; the class is client-node's, which is not loaded here, and this much of it is used. */
function observable<T>(promise: Promise<T>): Observable<T> {
  const made = {
    toPromise: () => promise,
    pipe: <S>(next: (value: T) => S | Promise<S>) => observable(promise.then(next)),
  }
  return made as unknown as Observable<T>
}
