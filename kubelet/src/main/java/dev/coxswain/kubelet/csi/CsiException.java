package dev.coxswain.kubelet.csi;

import io.grpc.StatusRuntimeException;
import java.io.IOException;

/** A driver refused or did not answer; the message is worded as gRPC clients word it. */
final class CsiException extends IOException {
  private static final long serialVersionUID = 1L;

  CsiException(StatusRuntimeException failure) {
    super(
        "rpc error: code = "
            + name(failure)
            + " desc = "
            + (failure.getStatus().getDescription() == null
                ? ""
                : failure.getStatus().getDescription()),
        failure);
  }

  /** {@code INVALID_ARGUMENT} is called {@code InvalidArgument} everywhere else. */
  private static String name(StatusRuntimeException failure) {
    String code = failure.getStatus().getCode().name();
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < code.length(); i++) {
      boolean first = i == 0 || code.charAt(i - 1) == '_';
      if (code.charAt(i) != '_') {
        name.append(first ? code.charAt(i) : Character.toLowerCase(code.charAt(i)));
      }
    }
    return name.toString();
  }
}
