package dev.coxswain.apiserver.registry;

import dev.coxswain.api.meta.GroupVersionKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What hangs below an object's own path, such as {@code pods/web/log}. */
public sealed interface Subresource {
  /** The last element of the path. */
  String name();

  /** What may be asked of it. */
  Set<Verb> verbs();

  /** The object's status alone: updates touch nothing else, and the main path never touches it. */
  record Status() implements Subresource {
    @Override
    public String name() {
      return "status";
    }

    @Override
    public Set<Verb> verbs() {
      return EnumSet.of(Verb.GET, Verb.PATCH, Verb.UPDATE);
    }
  }

  /**
   * The object seen as an {@code autoscaling/v1 Scale}.
   *
   * @param specReplicas the dotted path of the wanted count, such as {@code .spec.replicas}
   * @param statusReplicas the dotted path of the observed count
   * @param selector the dotted path of the pods' selector, a string or a selector object; empty if
   *     there is none
   */
  record Scale(String specReplicas, String statusReplicas, String selector) implements Subresource {
    @Override
    public String name() {
      return "scale";
    }

    @Override
    public Set<Verb> verbs() {
      return EnumSet.of(Verb.GET, Verb.PATCH, Verb.UPDATE);
    }
  }

  /**
   * A part of the object, or a transition, with rules of its own: the body is the whole object, as
   * in {@code pods/ephemeralcontainers}, {@code namespaces/finalize} or {@code
   * certificatesigningrequests/approval}.
   *
   * @param strategy whose update methods prepare and validate
   */
  record Edit(String name, Set<Verb> verbs, Strategy strategy) implements Subresource {
    public Edit {
      verbs = Set.copyOf(verbs);
    }
  }

  /**
   * Something done to the object by posting an object of another kind, such as {@code
   * pods/binding}, {@code pods/eviction} or {@code serviceaccounts/token}.
   *
   * @param kind what is posted
   */
  record Action(String name, GroupVersionKind kind) implements Subresource {
    @Override
    public Set<Verb> verbs() {
      return EnumSet.of(Verb.CREATE);
    }
  }

  /**
   * A connection to what the object stands for, such as {@code pods/log}, {@code pods/exec} or
   * {@code services/proxy}.
   *
   * @param kind the kind of the options, which come as query parameters
   * @param verbs what may be asked; a plain GET and a POST each map to one
   * @param parameters the names of the options
   */
  record Connect(String name, GroupVersionKind kind, Set<Verb> verbs, List<String> parameters)
      implements Subresource {
    public Connect {
      verbs = Set.copyOf(verbs);
      parameters = List.copyOf(parameters);
    }
  }
}
