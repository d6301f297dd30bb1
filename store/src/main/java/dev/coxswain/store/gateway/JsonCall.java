package dev.coxswain.store.gateway;

import com.google.protobuf.Message;
import dev.coxswain.api.json.Json;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request of a client that speaks JSON, as the call of gRPC that the services know. What they
 * are told they are told on the connection's event loop, as gRPC does it here.
 */
final class JsonCall<Q, A> extends ServerCall<Q, A> implements GatewayCall {
  private final ServerMethodDefinition<Q, A> method;
  private final HttpAnswer answer;

  /** The next three are touched by the event loop only. */
  private final Queue<Q> requests = new ArrayDeque<>();

  private int wanted;
  private boolean told;

  private @Nullable Listener<Q> listener;
  private volatile boolean gone;
  private boolean ended;

  JsonCall(ServerMethodDefinition<Q, A> method, HttpAnswer answer) {
    this.method = method;
    this.answer = answer;
  }

  /** Begins the call with what the body holds: a message, or one after the other for a stream. */
  void begin(byte[] body) {
    try {
      read(body);
    } catch (IllegalArgumentException | ArithmeticException | JacksonException e) {
      close(Status.INVALID_ARGUMENT.withDescription(e.getMessage()), new Metadata());
      return;
    }
    Listener<Q> started = method.getServerCallHandler().startCall(this, new Metadata());
    listener = started;
    started.onReady();
    hand();
  }

  @SuppressWarnings("unchecked")
  private void read(byte[] body) {
    Q prototype =
        ((PrototypeMarshaller<Q>) getMethodDescriptor().getRequestMarshaller())
            .getMessagePrototype();
    try (MappingIterator<JsonNode> values =
        Json.mapper().readerFor(JsonNode.class).readValues(body)) {
      while (values.hasNext()) {
        Message.Builder message = ((Message) prototype).newBuilderForType();
        ProtoJson.read(values.next(), message);
        requests.add((Q) message.build());
        if (getMethodDescriptor().getType().clientSendsOneMessage()) {
          return;
        }
      }
    }
    if (requests.isEmpty() && getMethodDescriptor().getType().clientSendsOneMessage()) {
      requests.add(prototype);
    }
  }

  @Override
  public void request(int more) {
    answer.onLoop(() -> {
      wanted += more;
      hand();
    });
  }

  private void hand() {
    Listener<Q> started = listener;
    if (started == null || gone) {
      return;
    }
    while (wanted > 0 && !requests.isEmpty()) {
      wanted--;
      started.onMessage(requests.remove());
    }
    if (requests.isEmpty() && !told) {
      told = true;
      started.onHalfClose();
    }
  }

  @Override
  public void sendHeaders(Metadata headers) {
    // The first message brings them.
  }

  @Override
  public void sendMessage(A message) {
    ObjectNode json = ProtoJson.write((Message) message);
    if (JsonGateway.streams(getMethodDescriptor())) {
      answer.line(Json.object().set("result", json));
    } else {
      answer.keep(json);
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    boolean streams = JsonGateway.streams(getMethodDescriptor());
    if (status.isOk()) {
      answer.end();
    } else if (streams) {
      answer.fail(HttpCodes.of(status), Json.object().set("error", HttpCodes.inStream(status)));
    } else {
      answer.fail(HttpCodes.of(status), HttpCodes.alone(status));
    }
    answer.onLoop(() -> {
      Listener<Q> started = listener;
      if (!ended && started != null) {
        ended = true;
        started.onComplete();
      }
    });
  }

  @Override
  public void hungUp() {
    Listener<Q> started = listener;
    if (!ended && started != null) {
      ended = true;
      gone = true;
      started.onCancel();
    }
  }

  @Override
  public void writable() {
    Listener<Q> started = listener;
    if (!ended && started != null) {
      started.onReady();
    }
  }

  @Override
  public boolean isReady() {
    return answer.writable();
  }

  @Override
  public boolean isCancelled() {
    return gone;
  }

  @Override
  public MethodDescriptor<Q, A> getMethodDescriptor() {
    return method.getMethodDescriptor();
  }
}
