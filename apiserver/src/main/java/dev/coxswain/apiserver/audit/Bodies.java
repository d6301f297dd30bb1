package dev.coxswain.apiserver.audit;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.protobuf.ProtobufDecoder;
import dev.coxswain.apiserver.schema.Input;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads what requests and answers hold; what cannot be read is missing. */
final class Bodies {
  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  /** A longer answer is no status, in bytes. */
  private static final int LONGEST_STATUS = 64 << 10;

  /** How every status begins that this server writes. */
  private static final byte[] STATUS = "{\"kind\":\"Status\"".getBytes(StandardCharsets.US_ASCII);

  private Bodies() {}

  static JsonNode request(String contentType, byte[] body) {
    if (body.length == 0) {
      return MissingNode.getInstance();
    }
    String type = contentType.toLowerCase(Locale.ROOT);
    try {
      if (type.startsWith(ProtobufDecoder.MEDIA_TYPE)) {
        return ProtobufDecoder.decode(body);
      }
      return Input.tree(type.contains("yaml") ? Input.yaml(body) : Input.json(body));
    } catch (JacksonException | ApiException | IllegalArgumentException e) {
      // The client is told what is wrong with it.
      return MissingNode.getInstance();
    }
  }

  static JsonNode read(Answer answer) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] piece : answer.body()) {
      all.write(piece, 0, piece.length);
    }
    byte[] body = all.toByteArray();
    if (body.length == 0) {
      return MissingNode.getInstance();
    }
    try {
      return answer.contentType().contains("yaml") ? YAML.readTree(body) : Json.parse(body);
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }

  /** The {@code Status} that an answer is; missing where it is something else. */
  static JsonNode status(Answer answer) {
    Iterator<byte[]> pieces = answer.body().iterator();
    if (!pieces.hasNext() || !answer.contentType().equals(Answer.JSON)) {
      return MissingNode.getInstance();
    }
    byte[] first = pieces.next();
    boolean status =
        first.length <= LONGEST_STATUS
            && first.length > STATUS.length
            && Arrays.equals(first, 0, STATUS.length, STATUS, 0, STATUS.length);
    return status ? read(answer) : MissingNode.getInstance();
  }
}
