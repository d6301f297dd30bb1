package dev.coxswain.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.log.LogQuery;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is asked of a log, as clients of many languages write it. */
final class LogRequestTest {
  @Test
  void flagsOfPythonAreUnderstood() {
    LogQuery query =
        LogRequest.parse(
            new QueryStringDecoder("/containerLogs/n/p/c?follow=True&timestamps=False&tailLines=5"),
            Instant.EPOCH);
    assertThat(query.follow()).isTrue();
    assertThat(query.timestamps()).isFalse();
  }

  @Test
  void longerAgoThanThereIsTimeIsSinceEver() {
    LogQuery query =
        LogRequest.parse(
            new QueryStringDecoder("/containerLogs/n/p/c?sinceSeconds=" + Long.MAX_VALUE),
            Instant.ofEpochSecond(1_000));
    assertThat(query.since()).isEqualTo(Instant.EPOCH);
  }
}
