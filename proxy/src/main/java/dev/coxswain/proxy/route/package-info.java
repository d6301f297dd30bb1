/** Routes to the pods of the other nodes. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.proxy.route;
