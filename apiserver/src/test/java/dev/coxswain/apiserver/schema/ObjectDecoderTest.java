package dev.coxswain.apiserver.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectDecoderTest {
  private static final String NOISE = "{}[]\":,01ent. ";
  private static final BuiltinSchemas SCHEMAS = BuiltinSchemas.load();
  private static final Schema DEPLOYMENT = SCHEMAS.kind("apps", "v1", "Deployment");
  private static final Schema POD = SCHEMAS.kind("", "v1", "Pod");
  private static final Schema SECRET = SCHEMAS.kind("", "v1", "Secret");

  private static ObjectDecoder.Decoded decode(String json, Schema schema) {
    return ObjectDecoder.decode(json.getBytes(StandardCharsets.UTF_8), schema);
  }

  @Test
  void dropsAndReportsWhatIsNotDeclared() {
    var decoded =
        decode(
            """
            {"kind":"Deployment","spec":{"replica":3,"replica":4,"replicas":1,"replicas":2,"template":{"spec":
            {"containers":[{"name":"a"},{"name":"b","imag":"x"}]}}}}\
            """,
            DEPLOYMENT);
    assertThat(decoded.strictMessage())
        .isEqualTo(
            "strict decoding error: unknown field \"spec.replica\", duplicate field"
                + " \"spec.replicas\", unknown field"
                + " \"spec.template.spec.containers[1].imag\"");
    assertThat(decoded.object().at("/spec").toString())
        .isEqualTo(
            "{\"replicas\":2,\"template\":{\"spec\":{\"containers\":"
                + "[{\"name\":\"a\"},{\"name\":\"b\"}]}}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"spec\":{\"replicas\":\"3\"}} | json: cannot unmarshal string into Go struct field"
            + " DeploymentSpec.spec.replicas of type int32",
        "{\"spec\":{\"replicas\":3000000000}} | json: cannot unmarshal number 3000000000 into Go"
            + " struct field DeploymentSpec.spec.replicas of type int32",
        "{\"spec\":{\"replicas\":1.5}} | json: cannot unmarshal number into Go struct field"
            + " DeploymentSpec.spec.replicas of type int32",
        "{\"metadata\":{\"labels\":{\"a\":1}}} | json: cannot unmarshal number into Go struct field"
            + " ObjectMeta.metadata.labels.a of type string",
        "{\"metadata\":[]} | json: cannot unmarshal array into Go struct field metadata of type"
            + " v1.ObjectMeta",
        "{\"spec\":{\"template\":{\"spec\":{\"containers\":{}}}}} | json: cannot unmarshal object"
            + " into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
        "[] | json: cannot unmarshal array into Go value of type map",
        "{} {} | invalid data after top-level value",
      })
  void refusesWrongTypes(String json, String message) {
    assertThatThrownBy(() -> decode(json, DEPLOYMENT))
        .isInstanceOf(MalformedObjectException.class)
        .hasMessage(message);
  }

  @Test
  void bringsValuesIntoCanonicalForm() {
    var decoded =
        decode(
            """
            {"metadata":{"creationTimestamp":null,"annotations":{"a":null}},
             "spec":{"activeDeadlineSeconds":5,"containers":[{"resources":{"limits":{"cpu":0.5,
             "memory":"1024Mi"}},"ports":null}]},
             "status":{"startTime":"2026-01-02T03:04:05.678+01:00"}}\
            """,
            POD);
    assertThat(decoded.problems()).isEmpty();
    assertThat(decoded.object().toString())
        .isEqualTo(
            "{\"metadata\":{\"annotations\":{\"a\":\"\"}},\"spec\":{\"activeDeadlineSeconds\":5,"
                + "\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"500m\",\"memory\":"
                + "\"1Gi\"}}}]},\"status\":{\"startTime\":\"2026-01-02T02:04:05Z\"}}");
  }

  @Test
  void checksBytesTimesAndQuantities() {
    assertThat(decode("{\"data\":{\"a\":\"aGk=\"}}", SECRET).problems()).isEmpty();
    assertThatThrownBy(() -> decode("{\"data\":{\"a\":\"hi!\"}}", SECRET))
        .hasMessageContaining("illegal base64 data");
    assertThatThrownBy(() -> decode("{\"metadata\":{\"creationTimestamp\":\"now\"}}", SECRET))
        .hasMessageContaining("parsing time \"now\"");
    assertThatThrownBy(() ->
            decode(
                "{\"spec\":{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"1x\"}}}]}}", POD))
        .hasMessageContaining("unable to parse quantity's suffix");
  }

  @Test
  void keepsFreeFormDataAsItIs() {
    Schema revision = SCHEMAS.kind("apps", "v1", "ControllerRevision");
    String json = "{\"data\":{\"x\":null,\"y\":[1,{\"z\":null}]},\"revision\":1}";
    assertThat(decode(json, revision).object().toString()).isEqualTo(json);
  }

  /** Whatever the bytes, the answer is an object or a plain refusal. */
  @Test
  void neverFailsOtherwise() {
    String valid =
        "{\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":\"y\"}},\"spec\":{\"containers\":"
            + "[{\"name\":\"c\",\"resources\":{\"limits\":{\"cpu\":\"1\"}},\"ports\":"
            + "[{\"containerPort\":80}],\"stdin\":true}]}}";
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = valid.getBytes(StandardCharsets.UTF_8);
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) NOISE.charAt(random.nextInt(NOISE.length()));
      }
      try {
        var decoded = ObjectDecoder.decode(bytes, POD);
        assertThat(ObjectDecoder.decode(decoded.object(), POD).object())
            .as("seed %d: decoding is stable", seed)
            .isEqualTo(decoded.object());
      } catch (MalformedObjectException refused) {
        assertThat(refused.getMessage()).as("seed %d", seed).isNotBlank();
      }
    }
  }

  @Test
  void depthIsBounded() {
    String deep = "{\"data\":".repeat(1000) + "1" + "}".repeat(1000);
    assertThatThrownBy(() -> decode(deep, SCHEMAS.kind("apps", "v1", "ControllerRevision")))
        .isInstanceOf(MalformedObjectException.class)
        .hasMessageContaining(Integer.toString(Json.MAXIMUM_DEPTH));
  }
}
