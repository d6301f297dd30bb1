package dev.coxswain.apiserver.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.status.ApiException;
import org.junit.jupiter.api.Test;

class AcceptTest {

  @Test
  void theFirstFormThatCanBeServedIsChosen() {
    assertThat(
            Accept.parse(
                "application/json;as=Table;v=v1;g=meta.k8s.io,"
                    + "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"))
        .isEqualTo(new Accept(Accept.Form.TABLE, "v1", false));
    assertThat(Accept.parse("application/json;as=Table;v=v2;g=meta.k8s.io,application/json"))
        .isEqualTo(Accept.DEFAULT);
    assertThat(Accept.parse("application/yaml"))
        .isEqualTo(new Accept(Accept.Form.OBJECT, "v1", true));
    assertThat(Accept.parse("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"))
        .isEqualTo(new Accept(Accept.Form.METADATA, "v1", false));
  }

  @Test
  void tablesAndMetadataAreServedInTheirBetaVersionToo() {
    Accept table = Accept.parse("application/json;as=Table;v=v1beta1;g=meta.k8s.io");
    assertThat(table).isEqualTo(new Accept(Accept.Form.TABLE, "v1beta1", false));
    assertThat(table.apiVersion()).isEqualTo("meta.k8s.io/v1beta1");
    assertThat(Accept.parse("application/yaml;as=PartialObjectMetadata;g=meta.k8s.io;v=v1beta1"))
        .isEqualTo(new Accept(Accept.Form.METADATA, "v1beta1", true));
  }

  @Test
  void protobufIsAnsweredWithJson() {
    assertThat(Accept.parse("application/vnd.kubernetes.protobuf,application/json"))
        .isEqualTo(Accept.DEFAULT);
    assertThat(Accept.parse("application/vnd.kubernetes.protobuf")).isEqualTo(Accept.DEFAULT);
  }

  @Test
  void whatCannotBeServedIsRefused() {
    assertThatThrownBy(() -> Accept.parse("text/html"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("only the following media types are accepted");
  }
}
