package dev.coxswain.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.HttpMethod;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MethodsTest {

  @ParameterizedTest
  @CsvSource({
    "run, GET, false",
    "run, POST, true",
    "exec, GET, true",
    "exec, POST, true",
    "exec, PUT, false",
    "attach, DELETE, false",
    "portForward, POST, true",
    "containerLogs, GET, true",
    "containerLogs, POST, false",
    "pods, GET, true",
    "pods, DELETE, false",
    "metrics, GET, true",
  })
  void whoMayGetSomethingRunsNothingByIt(String endpoint, String method, boolean known) {
    assertThat(Methods.known(endpoint, HttpMethod.valueOf(method))).isEqualTo(known);
  }
}
