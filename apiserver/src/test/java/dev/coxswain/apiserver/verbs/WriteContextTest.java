package dev.coxswain.apiserver.verbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.LocalRequests;
import dev.coxswain.apiserver.http.Refusal;
import dev.coxswain.apiserver.http.RequestHandler;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.request.RequestInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WriteContextTest {
  @Test
  void optionsWithinTheBodyOfAnEvictionMayAskForADryRun() {
    WriteContext context = WriteContext.internal();
    assertThat(context.within(Json.parseObject("{}")).dryRun()).isFalse();
    assertThat(context.within(Json.parseObject("{\"dryRun\": [\"All\"]}")).dryRun()).isTrue();
    assertThatThrownBy(() -> context.within(Json.parseObject("{\"dryRun\": [\"Some\"]}")))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("dryRun");
  }

  private static WriteContext of(String parameters) throws InterruptedException {
    String path = "/api/v1/namespaces/default/configmaps";
    Query query = Query.parse(parameters);
    List<WriteContext> contexts = new ArrayList<>();
    LocalRequests.send(
        new RequestHandler() {
          @Override
          public void handle(Exchange exchange) {
            contexts.add(
                WriteContext.of(
                    new ApiRequest(
                        exchange,
                        RequestInfo.parse("POST", path, query),
                        query,
                        UserInfo.of("jo", List.of()),
                        Annotations.NONE),
                    null));
          }

          @Override
          public Answer refusal(Refusal refusal) {
            throw new AssertionError(refusal);
          }
        },
        "POST",
        path + "?" + parameters,
        Map.of("User-Agent", "browser/1"),
        new byte[0]);
    return contexts.getFirst();
  }

  /** Backticks stand for quotes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a=b | {} | browser",
        "fieldManager=me&fieldValidation=Strict |"
            + " {`fieldManager`:`me`,`fieldValidation`:`Strict`} | me",
      })
  void admissionIsToldTheOptionsThatAreInTheQuery(String query, String options, String manager)
      throws InterruptedException {
    WriteContext context = of(query);
    assertThat(context.options()).isEqualTo(Json.parse(options.replace('`', '"')));
    assertThat(context.fieldManager()).isEqualTo(manager);
  }
}
