/** ControllerRevisions: the earlier templates of DaemonSets and StatefulSets. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.history;
