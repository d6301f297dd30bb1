/** What every cluster starts with, made when a server starts and kept afterwards. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.bootstrap;
