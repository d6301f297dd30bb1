package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.DeleteOptions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;

/** The one object that a test is about, as a user handles it, and the pods in its cluster. */
public final class Story<T extends HasMetadata> {
  private final Simulation simulation;
  private final Class<T> type;
  private ObjectKey key = new ObjectKey("", "");

  public Story(Simulation simulation, Class<T> type) {
    this.simulation = simulation;
    this.type = type;
  }

  /** Creates the object that the story is about from now on. */
  public T create(T object) {
    key = Meta.key(object);
    return simulation.calmly(() -> simulation.api().resource(type).create(object));
  }

  /** The object as it is stored. */
  public T stored() {
    return find().orElseThrow();
  }

  public Optional<T> find() {
    return simulation.stored(type, key.namespace(), key.name());
  }

  public void change(UnaryOperator<T> change) {
    simulation.calmly(() -> simulation.api().resource(type).update(change.apply(stored())));
  }

  public void changeStatus(UnaryOperator<T> change) {
    simulation.calmly(() -> simulation.api().resource(type).updateStatus(change.apply(stored())));
  }

  public void delete() {
    delete(stored());
  }

  /** Deletes any object. */
  public void delete(HasMetadata object) {
    simulation.calmly(() -> {
      simulation
          .api()
          .resource(PendingWrites.typeOf(object))
          .delete(Meta.key(object), DeleteOptions.DEFAULT);
      return object;
    });
  }

  /** Every pod, by name. */
  public List<Pod> pods() {
    return simulation.stored(Pod.class).stream().sorted(Comparator.comparing(Meta::name)).toList();
  }

  public List<String> podNames() {
    return pods().stream().map(Meta::name).toList();
  }

  public List<Pod> activePods() {
    return pods().stream().filter(Pods::active).toList();
  }

  /** Changes a pod's status, as a kubelet does. */
  public Pod changePod(Pod pod, UnaryOperator<Pod> change) {
    return simulation.calmly(() ->
        simulation
            .api()
            .resource(Pod.class)
            .updateStatus(
                change.apply(
                    simulation
                        .stored(Pod.class, Meta.namespace(pod), Meta.name(pod))
                        .orElseThrow())));
  }

  /** The reasons of the events so far. */
  public List<String> reasons() {
    return simulation.events().stream().map(Simulation.Event::reason).toList();
  }

  /**
   * Somebody who ends ready pods, one each time.
   *
   * @param code with what a pod exits; below zero for one that goes on
   */
  public BooleanSupplier ending(ToIntFunction<Pod> code) {
    return () ->
        simulation.calmly(() -> {
          List<Pod> ending =
              activePods().stream()
                  .filter(pod -> Pods.ready(pod) && code.applyAsInt(pod) >= 0)
                  .toList();
          if (ending.isEmpty()) {
            return false;
          }
          Pod pod = ending.get((int) simulation.random().below(ending.size()));
          changePod(pod, ended -> ended(ended, code.applyAsInt(ended)));
          return true;
        });
  }

  private Pod ended(Pod pod, int code) {
    String now = simulation.time().now().toString();
    return new PodBuilder(pod)
        .editStatus()
        .withPhase(code == 0 ? "Succeeded" : "Failed")
        .editFirstCondition()
        .withStatus("False")
        .withLastTransitionTime(now)
        .endCondition()
        .addNewContainerStatus()
        .withName(pod.getSpec().getContainers().getFirst().getName())
        .withNewState()
        .withNewTerminated()
        .withExitCode(code)
        .withFinishedAt(now)
        .endTerminated()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
