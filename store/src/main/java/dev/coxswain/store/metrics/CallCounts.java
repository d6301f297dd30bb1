package dev.coxswain.store.metrics;

import dev.coxswain.runtime.program.Metrics;
import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Counts the calls of each method, their messages and how they ended, under the names that etcd has
 * from go-grpc-prometheus; the JSON of HTTP is calls, too. A method's counters are made with it, so
 * that no call has to look for them.
 */
final class CallCounts {
  private final List<Method> methods = new CopyOnWriteArrayList<>();

  /** Registers the counters. */
  CallCounts(Metrics metrics) {
    counter(metrics, "grpc_server_started", "Calls that were begun.", Method::started);
    counter(metrics, "grpc_server_msg_received", "Messages that calls brought.", Method::received);
    counter(metrics, "grpc_server_msg_sent", "Messages that calls were answered.", Method::sent);
    CounterWithCallback.builder()
        .name("grpc_server_handled")
        .help("Calls that ended, by how.")
        .labelNames("grpc_type", "grpc_service", "grpc_method", "grpc_code")
        .callback(this::ended)
        .register(metrics.registry());
  }

  private void counter(Metrics metrics, String name, String help, Function<Method, LongAdder> sum) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("grpc_type", "grpc_service", "grpc_method")
        .callback(callback ->
            methods.forEach(method ->
                callback.call(
                    sum.apply(method).doubleValue(),
                    method.type(),
                    method.service(),
                    method.name())))
        .register(metrics.registry());
  }

  // The codes that never were are told as well, as etcd does: a first failure is seen as a rise.
  private void ended(CounterWithCallback.Callback callback) {
    for (Method method : methods) {
      for (Status.Code code : Status.Code.values()) {
        callback.call(
            method.ended(code).doubleValue(),
            method.type(),
            method.service(),
            method.name(),
            name(code));
      }
    }
  }

  /** A code as Go's programs write it. */
  private static String name(Status.Code code) {
    return switch (code) {
      case OK -> "OK";
      case CANCELLED -> "Canceled";
      default ->
          Arrays.stream(code.name().split("_"))
              .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
              .collect(Collectors.joining());
    };
  }

  /** The same service, whose calls are counted from now on. */
  ServerServiceDefinition counted(ServerServiceDefinition service) {
    ServerServiceDefinition.Builder counted =
        ServerServiceDefinition.builder(service.getServiceDescriptor());
    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
      counted.addMethod(counted(method));
    }
    return counted.build();
  }

  private <Q, A> ServerMethodDefinition<Q, A> counted(ServerMethodDefinition<Q, A> definition) {
    Method method = Method.of(definition.getMethodDescriptor());
    methods.add(method);
    ServerCallHandler<Q, A> handler = definition.getServerCallHandler();
    return definition.withServerCallHandler((call, headers) -> {
      method.started().increment();
      Counted<Q, A> counted = new Counted<>(call, method);
      return new Ears<>(handler.startCall(counted, headers), counted);
    });
  }

  /** One method; how its calls ended by the numbers of the codes. */
  private record Method(
      String type,
      String service,
      String name,
      LongAdder started,
      LongAdder received,
      LongAdder sent,
      List<LongAdder> ended) {
    static Method of(MethodDescriptor<?, ?> descriptor) {
      return new Method(
          type(descriptor.getType()),
          String.valueOf(descriptor.getServiceName()),
          String.valueOf(descriptor.getBareMethodName()),
          new LongAdder(),
          new LongAdder(),
          new LongAdder(),
          Stream.of(Status.Code.values()).map(code -> new LongAdder()).toList());
    }

    private static String type(MethodDescriptor.MethodType type) {
      return switch (type) {
        case UNARY -> "unary";
        case CLIENT_STREAMING -> "client_stream";
        case SERVER_STREAMING -> "server_stream";
        case BIDI_STREAMING -> "bidi_stream";
        case UNKNOWN -> "unknown";
      };
    }

    LongAdder ended(Status.Code code) {
      return ended.get(code.value());
    }
  }

  private static final class Counted<Q, A>
      extends ForwardingServerCall.SimpleForwardingServerCall<Q, A> {
    private final Method method;
    private boolean ended;

    Counted(ServerCall<Q, A> call, Method method) {
      super(call);
      this.method = method;
    }

    @Override
    public void sendMessage(A message) {
      method.sent().increment();
      super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      end(status.getCode());
      super.close(status, trailers);
    }

    /**
     * The call ended so, unless it had ended before: who serves it and its client may both end it.
     */
    synchronized void end(Status.Code code) {
      if (!ended) {
        ended = true;
        method.ended(code).increment();
      }
    }
  }

  private static final class Ears<Q>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {
    private final Counted<Q, ?> call;

    Ears(ServerCall.Listener<Q> listener, Counted<Q, ?> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      call.method.received().increment();
      super.onMessage(message);
    }

    @Override
    public void onCancel() {
      call.end(Status.Code.CANCELLED);
      super.onCancel();
    }

    /** Who serves it has ended it by now, unless that failed: then gRPC has, with this code. */
    @Override
    public void onComplete() {
      call.end(Status.Code.UNKNOWN);
      super.onComplete();
    }
  }
}
