package dev.coxswain.apiserver.request;

import java.time.Duration;

/** What is counted of requests. */
public interface RequestMetrics {
  /** Counts nothing. */
  RequestMetrics NONE = (info, code, took) -> {};

  /** A request that is no stream has been answered. */
  void finished(RequestInfo info, int code, Duration took);
}
