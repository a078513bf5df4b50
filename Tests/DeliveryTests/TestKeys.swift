/// Keys that open nothing: made for these tests, for `localhost` and `example.com`.
enum TestKeys {
    /// Self-signed, for `localhost`, until 2126.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBljCCATugAwIBAgIUKEn+z7VtpolSjYohtIfMoy3in1IwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEzMTM1OVoYDzIxMjYxMDI5
        MTMxMzU5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQ08IPRo1D4uL+nBaxgAfFcvUIBbGIgLxD7JHCjTuBQF6mEXLdBRcNW
        tgQ5NtE2rXCkqiYl1Zy0RQyvMgn4HzqJo2kwZzAdBgNVHQ4EFgQU1NLUjXnoQLTY
        rfsMwKppyqmJ0rAwHwYDVR0jBBgwFoAU1NLUjXnoQLTYrfsMwKppyqmJ0rAwDwYD
        VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
        SQAwRgIhAMcmUM55GhUkiHwPpYSn7KCdk1yVuZbTZOaTBoA/DHTYAiEApsdYBkpa
        AINvrlnZzwIxBdwe8blnL/ig49rASc5N4Fg=
        -----END CERTIFICATE-----
        """

    static let certificateKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsrhM1KCF8xOPx5e7
        PlMPWtJ7nYj6v5AElObINL8hesehRANCAAQ08IPRo1D4uL+nBaxgAfFcvUIBbGIg
        LxD7JHCjTuBQF6mEXLdBRcNWtgQ5NtE2rXCkqiYl1Zy0RQyvMgn4HzqJ
        -----END PRIVATE KEY-----
        """

    /// RSA, 2,048 bits.
    static let rsa = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCSWXRnChy7LzNA
        unWMQgQfCul5qB1B2GDgkM/WMgbc43dkTIsuJd1wdm1dM/0lL8NGVBETKY2dwURS
        2FclpNx9DNVtAUW3kk66V10JKjxW1m6/9zsjwza4/8kXx/ZSok2+lZpKWiSj7n5n
        DJCvwxe/WfrPg23FXz2uW5x6dHIheQxa84TmeDVfzQg8BbOIcCtqJSDpsvA5Krhc
        AhexNwc5IHaEZINX21PYf7cwX2l9ezqMTjwqOwueii9i/qkR8Fax1wLzGd4MWRfk
        Xke1G6tbaOCaOyNynKIPZxUJ8dOATDpAN7znJpB7SnvGi7RPOmFqAfZW/SNwoZqf
        qcCZQkgFAgMBAAECggEAC3//r3Mczoaxz9XMaTDs0vr6srvHpMYZ2BD5C/tSt7vL
        b3RmVsIp9ELnasoBi+ZaFruCEKU/bWnjnQub+XzKyKwf/0NOKlPTCj3Vio6o6X1L
        JvGIp6buNLurc8oblzhixJBL7KjIX/YHNRYd2SSK8qyMPWSLVSrxQAi53ejVk79U
        EjL36rVUd+PEWZJqtWQWHNM7QH4LN/ZrMtRggZp0wUhUrwWRNo3D+AXtoRiKO0KL
        KQrJOa7uCofJYC2VayjGV6orWrNUfWhehN9TSKEUKSc1SA6/DTYTnI8GxC6ORREo
        MCOS6ZD6EEGWnmK5hqa/anUyVSvIJq6e729KkXen0QKBgQDBzlABplyeyIH8sIhs
        IjR9aYZ3V6lkod1quG4MgKJ36H2HGImAZiSbyUMVcGsZGLNkk31z4gXDhSxcIryp
        IeXkdQ1i3kC5c+jvKzvILzJweQLYDAbhw1cDgOFMrlqD96Z3KeaYJMLNyGvX3l3a
        Hxo9OAaqz4101rr1qtN+gV7jLQKBgQDBUHZetFwWQLgbIPjA9YAQe6cAaV4oiveL
        f9uPaXem6mDFvxudcByVKCN4h8xQZ1O3Z3LXYyKYkMeBeq+hkSrS/C4dJH9wf+ef
        /bwHcRS6jcovuwh/bVEHRewLp71VTWeaaM56NnXoGjn9PvstT1Jez2JDjIBC0HpJ
        WqHpvKRfOQKBgHlhk+5UmXHBNthiYC8JhUJ+0v7v4mHqlth+Rj6CWj8rV2NDVOsc
        DhWcCe3liM4hEEoPreTkTKPWRqA2CV8MogVh4k5n0LXWCK+yrjCEjtyujb9uWOkR
        BPBmybTTBlHcy1+a2Je1fmSQACslVDaGgFKTQmm8sGXbDyFKKkfzEtDJAoGASKgt
        VTsEwXhhuhCSbjPXhlpzUjxIH4TbtZrAsw444ouFA83oWywgEg+cBVlE+ZNca7p9
        92ZTQnRoB8pM6LTfG52c12c4Xtgz/nYnjcR6vgM80uPBNeOoaMtnBJpvFviYz/hE
        YrrFZg81bHGXhlgh5XCcxjawnmwtChT+dhNo1EECgYAM8LbBX1DFCFAt+aa8YnKi
        5llyyY+gbE6RyKcAlTMyaQG62tQlFBZvF77/8UlxkyhBTR5g8+ilSFTAgzkg1EkP
        QdTKyNTXCHDLhWHNWeNOQv8Xh69ZUaF4fvKI/Hd3/xWv3/oG5GucBufKGTQn5Yxt
        88HgQrJqxO27XfXYkLSO2A==
        -----END PRIVATE KEY-----
        """

    /// Seed of the Ed25519 key of RFC 8463, appendix A.2.
    static let ed25519 = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
}
