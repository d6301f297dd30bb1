package dev.coxswain.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NodeAccessTest {

  @ParameterizedTest
  @CsvSource({
    "GET, /metrics/cadvisor, get, metrics",
    "GET, /metrics, get, metrics",
    "GET, /stats/summary, get, stats",
    "GET, /logs/messages, get, log",
    "GET, /healthz, get, healthz proxy",
    "GET, /pods, get, pods proxy",
    "GET, /runningpods/, get, pods proxy",
    "GET, /configz, get, configz proxy",
    "GET, /metricsandmore, get, proxy",
    "POST, /exec/ns/pod/main, create, proxy",
    "GET, /containerLogs/ns/pod/main, get, proxy",
    "DELETE, /, delete, proxy",
  })
  void aRequestIsWhatUpstreamCallsIt(String method, String path, String verb, String subresources) {
    assertThat(NodeAccess.of(method, path))
        .isEqualTo(new NodeAccess(verb, List.of(subresources.split(" ", -1))));
  }
}
