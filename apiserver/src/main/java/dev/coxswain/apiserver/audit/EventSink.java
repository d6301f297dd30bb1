package dev.coxswain.apiserver.audit;

/** Where audit events go, each as the JSON of an {@code Event}. Called by many threads. */
interface EventSink extends AutoCloseable {

  /**
   * Returns as soon as events can be taken.
   *
   * @throws dev.coxswain.api.status.ApiException where they cannot for too long
   */
  void awaitWritable() throws InterruptedException;

  /**
   * Takes the first event of a request.
   *
   * @throws dev.coxswain.api.status.ApiException where the request may not go on without it
   */
  void begin(byte[] event) throws InterruptedException;

  /** Takes an event without waiting for anything. */
  void add(byte[] event);

  /** Takes an event, and returns when it may be believed to have arrived, or after some seconds. */
  void addAndWait(byte[] event) throws InterruptedException;

  /** Hands on what still waits. */
  @Override
  void close();
}
