package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.request.ApiRequest;

/** Connects a client with what an object stands for, such as a container's output. */
@FunctionalInterface
public interface ConnectHandler {

  /** Connects; answers through the request's exchange. */
  void connect(ApiRequest request, ObjectKey key) throws InterruptedException;
}
