package dev.coxswain.store.gateway;

import dev.coxswain.api.json.Json;
import io.grpc.Status;
import io.netty.handler.codec.http.HttpResponseStatus;
import tools.jackson.databind.node.ObjectNode;

/** Failures of gRPC as HTTP tells them, in the words of etcd's gateway. */
final class HttpCodes {
  private HttpCodes() {}

  static HttpResponseStatus of(Status status) {
    return switch (status.getCode()) {
      case OK -> HttpResponseStatus.OK;
      case CANCELLED -> HttpResponseStatus.REQUEST_TIMEOUT;
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> HttpResponseStatus.BAD_REQUEST;
      case DEADLINE_EXCEEDED -> HttpResponseStatus.GATEWAY_TIMEOUT;
      case NOT_FOUND -> HttpResponseStatus.NOT_FOUND;
      case ALREADY_EXISTS, ABORTED -> HttpResponseStatus.CONFLICT;
      case PERMISSION_DENIED -> HttpResponseStatus.FORBIDDEN;
      case UNAUTHENTICATED -> HttpResponseStatus.UNAUTHORIZED;
      case RESOURCE_EXHAUSTED -> HttpResponseStatus.TOO_MANY_REQUESTS;
      case UNIMPLEMENTED -> HttpResponseStatus.NOT_IMPLEMENTED;
      case UNAVAILABLE -> HttpResponseStatus.SERVICE_UNAVAILABLE;
      case UNKNOWN, INTERNAL, DATA_LOSS -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
    };
  }

  private static String message(Status status) {
    String description = status.getDescription();
    return description == null ? status.getCode().name() : description;
  }

  /** The body of an answer that is a failure. */
  static ObjectNode alone(Status status) {
    return Json.object()
        .put("error", message(status))
        .put("code", status.getCode().value())
        .put("message", message(status));
  }

  /** A failure that ends a stream. */
  static ObjectNode inStream(Status status) {
    HttpResponseStatus http = of(status);
    return Json.object()
        .put("grpc_code", status.getCode().value())
        .put("http_code", http.code())
        .put("message", message(status))
        .put("http_status", http.reasonPhrase());
  }
}
