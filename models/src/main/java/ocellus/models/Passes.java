package ocellus.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import ocellus.engine.Tensor;
import ocellus.engine.Workspace;
import ocellus.engine.kernels.WarmUp;
import ocellus.engine.threads.Threads;
import ocellus.loaders.image.ImageException;

/**
 * How a team of threads runs the inputs of a network, with the workspaces that this takes.
 * Thread-safe.
 */
final class Passes {
  private final Threads team;

  /** Whether the first pass has waited for the kernels: later models must not hold up this one. */
  private volatile boolean warm;

  /** Whether a pass has ended. */
  private volatile boolean passed;

  /** Idle workspaces whose kernels use the whole team. */
  private final Queue<Workspace> wide = new ConcurrentLinkedQueue<>();

  /** Idle workspaces whose kernels stay on one thread. */
  private final Queue<Workspace> narrow = new ConcurrentLinkedQueue<>();

  Passes(Threads team) {
    this.team = team;
  }

  /** How many threads the team has. */
  int threads() {
    return team.count();
  }

  /**
   * To be called before the network is: at the first time, waits until its kernels are compiled, or
   * a second.
   */
  void awaitKernels() {
    if (!warm) {
      WarmUp.await();
      warm = true;
    }
  }

  /** What is to be computed for some inputs at once: an array for each. */
  @FunctionalInterface
  interface Group<T> {
    List<float[]> run(List<T> inputs, Workspace ws);
  }

  /**
   * Runs inputs in groups of about {@code atOnce}, or fewer if that leaves threads without any. As
   * many groups as threads, or more: each on one thread. Fewer: one after the other, each on all
   * threads.
   */
  <T> List<float[]> run(List<T> inputs, int atOnce, Group<T> pass) {
    int size = inputs.size();
    int threads = team.count();
    int groups = Math.ceilDiv(size, atOnce);
    boolean shared = size < threads;
    if (!shared) {
      groups = Math.min(size, Math.ceilDiv(groups, threads) * threads);
    }
    List<List<T>> parts = parts(inputs, groups);
    List<List<float[]>> results = new ArrayList<>(Collections.nCopies(groups, null));
    if (shared) {
      for (int i = 0; i < groups; i++) {
        results.set(i, pass(parts.get(i), pass, wide, team));
      }
    } else {
      team.run(groups, (i, _) -> results.set(i, pass(parts.get(i), pass, narrow, Threads.SERIAL)));
    }
    return results.stream().flatMap(List::stream).toList();
  }

  /** Cuts a list into parts of about the same size. */
  private static <T> List<List<T>> parts(List<T> all, int count) {
    List<List<T>> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) all.size() * i / count);
      int to = (int) ((long) all.size() * (i + 1) / count);
      parts.add(all.subList(from, to));
    }
    return parts;
  }

  private <T> List<float[]> pass(
      List<T> inputs, Group<T> pass, Queue<Workspace> idle, Threads threads) {
    List<float[]> results = with(idle, threads, ws -> pass.run(inputs, ws));
    if (!passed) {
      passed = true;
      WarmUp.passed();
    }
    return results;
  }

  /** Computes something with all threads. */
  <R> R onAll(Function<Workspace, R> task) {
    return with(wide, team, task);
  }

  private static <R> R with(Queue<Workspace> idle, Threads threads, Function<Workspace, R> task) {
    Workspace borrowed = idle.poll();
    Workspace ws = borrowed == null ? new Workspace(threads) : borrowed;
    Workspace.Mark mark = ws.mark();
    R result;
    try {
      result = task.apply(ws);
    } catch (ImageException e) { // before the network has run
      ws.release(mark);
      idle.add(ws);
      throw e;
    }
    ws.release(mark);
    idle.add(ws); // one that a failed pass left in disorder is not used again
    return result;
  }

  /** The rows of a result, as arrays of their own. */
  static List<float[]> rows(Tensor y) {
    int count = y.channels();
    List<float[]> rows = new ArrayList<>();
    for (int at = y.offset(); rows.size() < y.rows(); at += count) {
      rows.add(Arrays.copyOfRange(y.data(), at, at + count));
    }
    return rows;
  }
}
