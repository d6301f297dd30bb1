/** The rules of kinds about addresses and ways into the cluster. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.network;
