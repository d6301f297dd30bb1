package dev.coxswain.store.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.api.json.Json;
import dev.coxswain.proto.etcd.Compare;
import dev.coxswain.proto.etcd.HashResponse;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.StatusResponse;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.proto.etcd.WatchCreateRequest;
import org.junit.jupiter.api.Test;

/** Messages as JSON: what etcd's gateway writes and reads. */
final class ProtoJsonTest {
  @Test
  void whatIsWrittenIsReadAgain() {
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(ByteString.copyFromUtf8("foo"))
                    .setTarget(Compare.CompareTarget.CREATE)
                    .setCreateRevision(0))
            .addSuccess(
                RequestOp.newBuilder()
                    .setRequestPut(
                        PutRequest.newBuilder()
                            .setKey(ByteString.copyFrom(new byte[] {-1, -2, 0}))
                            .setLease(Long.MAX_VALUE)
                            .setPrevKv(true)))
            .build();
    String written = ProtoJson.write(request).toString();
    assertThat(written)
        .isEqualTo(
            "{\"compare\":[{\"target\":\"CREATE\",\"key\":\"Zm9v\",\"create_revision\":\"0\"}],"
                + "\"success\":[{\"request_put\":{\"key\":\"//4A\","
                + "\"lease\":\"9223372036854775807\",\"prev_kv\":true}}]}");
    TxnRequest.Builder read = TxnRequest.newBuilder();
    ProtoJson.read(Json.parse(written), read);
    assertThat(read.build()).isEqualTo(request);
  }

  @Test
  void numbersWithoutSignAreWrittenAsSuch() {
    assertThat(ProtoJson.write(Member.newBuilder().setID(-1).build()).toString())
        .isEqualTo("{\"ID\":\"18446744073709551615\"}");
    assertThat(ProtoJson.write(HashResponse.newBuilder().setHash(-1).build()).toString())
        .isEqualTo("{\"hash\":4294967295}");
    Member.Builder member = Member.newBuilder();
    ProtoJson.read(Json.parse("{\"ID\":\"18446744073709551615\"}"), member);
    assertThat(member.getID()).isEqualTo(-1);
    assertThat(ProtoJson.write(StatusResponse.getDefaultInstance()).toString()).isEqualTo("{}");
  }

  @Test
  void namesInCamelCaseNumbersAndBothAlphabetsAreRead() {
    WatchCreateRequest.Builder request = WatchCreateRequest.newBuilder();
    ProtoJson.read(
        Json.parse(
            "{\"key\":\"_w\",\"rangeEnd\":\"/w==\",\"start_revision\":7,"
                + "\"filters\":[\"NODELETE\",0],"
                + "\"progressNotify\":null}"),
        request);
    assertThat(request.build())
        .isEqualTo(
            WatchCreateRequest.newBuilder()
                .setKey(ByteString.copyFrom(new byte[] {-1}))
                .setRangeEnd(ByteString.copyFrom(new byte[] {-1}))
                .setStartRevision(7)
                .addFilters(WatchCreateRequest.FilterType.NODELETE)
                .addFilters(WatchCreateRequest.FilterType.NOPUT)
                .build());
  }

  @Test
  void whatIsNoMessageOfTheKindIsRefused() {
    refused("{\"nothing\":1}", "unknown field \"nothing\" in etcdserverpb.PutRequest");
    refused("[]", "json: cannot read etcdserverpb.PutRequest from a JSON array");
    refused("{\"key\":1}", "json: cannot read key from a JSON number");
    refused("{\"key\":\"?\"}", "illegal base64 data in key");
    refused("{\"lease\":\"x\"}", "json: \"x\" is no number for lease");
    refused("{\"lease\":1.5}", "json: cannot read lease from a JSON number");
    refused("{\"prev_kv\":\"true\"}", "json: cannot read prev_kv from a JSON string");
  }

  private static void refused(String json, String reason) {
    assertThatThrownBy(() -> ProtoJson.read(Json.parse(json), PutRequest.newBuilder()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(reason);
  }
}
