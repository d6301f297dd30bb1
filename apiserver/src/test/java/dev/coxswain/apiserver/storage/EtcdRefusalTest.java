package dev.coxswain.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the store refuses, and whose fault that is. */
final class EtcdRefusalTest {
  @ParameterizedTest
  @CsvSource({
    "RESOURCE_EXHAUSTED, gRPC message exceeds maximum size 2097152: 2678249",
    "RESOURCE_EXHAUSTED, trying to send message larger than max (2097279 vs. 2097152)",
    "INVALID_ARGUMENT, etcdserver: request is too large"
  })
  void anObjectThatIsTooLargeIsTheClients(Status.Code code, String text) {
    assertThat(EtcdStore.failure(refusal(code, text)))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal ->
                assertThat(refusal.status().reason())
                    .isEqualTo(StatusReason.REQUEST_ENTITY_TOO_LARGE));
  }

  @Test
  void aFullStoreIsTheServers() {
    assertThat(
            EtcdStore.failure(
                refusal(
                    Status.Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded")))
        .isInstanceOf(StoreUnavailableException.class);
  }

  private static StatusRuntimeException refusal(Status.Code code, String text) {
    return code.toStatus().withDescription(text).asRuntimeException();
  }
}
