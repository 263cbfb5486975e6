import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A client with java.net.http.WebSocket, which has no extensions; it does as talk.py says. */
public class Echo implements WebSocket.Listener {
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

    @Override
    public CompletionStage<?> onText(WebSocket ws, CharSequence data, boolean last) {
        text.append(data);
        if (!last) {
            ws.request(1);
            return null;
        }
        String message = text.toString();
        text.setLength(0);
        return next(answer(ws, message));
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket ws, ByteBuffer data, boolean last) {
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        binary.writeBytes(bytes);
        if (!last) {
            ws.request(1);
            return null;
        }
        ByteBuffer message = ByteBuffer.wrap(binary.toByteArray());
        binary.reset();
        return next(ws.sendBinary(message, true));
    }

    /** Two messages must not be under way at a time: take the next when this one is sent. */
    private static CompletionStage<?> next(CompletionStage<WebSocket> sending) {
        return sending.thenAccept(ws -> ws.request(1));
    }

    private static CompletionStage<WebSocket> answer(WebSocket ws, String message) {
        switch (message) {
            case "which subprotocol":
                return ws.sendText(ws.getSubprotocol(), true);
            case "fragments":
                return ws.sendText("frag", false)
                    .thenCompose(next -> next.sendText("men", false))
                    .thenCompose(next -> next.sendText("ts", true));
            case "ping me":
                return ws.sendPing(ByteBuffer.wrap("abc".getBytes(StandardCharsets.UTF_8)));
            case "close me":
                return ws.sendClose(4002, "that was all");
            default:
                return ws.sendText(message, true);
        }
    }

    @Override
    public CompletionStage<?> onPong(WebSocket ws, ByteBuffer data) {
        return next(ws.sendText("pong " + StandardCharsets.UTF_8.decode(data), true));
    }

    @Override
    public CompletionStage<?> onClose(WebSocket ws, int code, String reason) {
        System.out.println("closed " + code + " " + reason);
        ended.complete(null);
        return null;
    }

    @Override
    public void onError(WebSocket ws, Throwable error) {
        System.out.println("error: " + error);
        ended.complete(null);
    }

    private static SSLContext trusting(Path path) throws Exception {
        String pem = Files.readString(path);
        byte[] certificate = pem.substring(pem.indexOf("-----BEGIN CERT")).getBytes();
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("localhost", CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(certificate)));
        TrustManagerFactory trust =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println("is " + Runtime.version());
        HttpClient client = HttpClient.newBuilder()
            .sslContext(trusting(Path.of(System.getenv("INTEROP_CERTIFICATE")))).build();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Echo echo = new Echo();
            client.newWebSocketBuilder().subprotocols("chat")
                .buildAsync(URI.create(line.split(" ")[0]), echo).join();
            echo.ended.join();
        }
    }
}
