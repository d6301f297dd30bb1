/** ReplicaSet and ReplicationController: so many pods of one template. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.replicaset;
