package io.dmio.handbook;

import io.dmio.app.Main;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs the app's commands for a shell, in this process, as starting a process for each takes longer than most of them run. */
final class CommandPort implements AutoCloseable {

    private final ServerSocket socket;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    CommandPort() throws IOException {
        socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    int number() {
        return socket.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket shell = socket.accept();
                threads.execute(() -> answer(shell));
            }
        } catch (IOException closed) {
            // the rehearsal is over
        }
    }

    private static void answer(Socket shell) {
        try (shell) {
            InputStream from = shell.getInputStream();
            String[] words = new String[Integer.parseInt(word(from))];
            for (int i = 0; i < words.length; i++) {
                words[i] = word(from);
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int code = Main.run(words, new ByteArrayInputStream(new byte[0]), out, err);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            answer.writeBytes((code + "\0").getBytes(StandardCharsets.UTF_8));
            out.writeTo(answer);
            answer.write(0);
            err.writeTo(answer);
            answer.write(0);
            answer.writeTo(shell.getOutputStream());
        } catch (IOException gone) {
            // the shell has ended, and tells nobody any more
        }
    }

    private static String word(InputStream from) throws IOException {
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        for (int letter = from.read(); letter > 0; letter = from.read()) {
            word.write(letter);
        }
        return word.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
        threads.shutdownNow();
    }
}
