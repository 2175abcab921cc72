//! Serves the application on the database in `lucia.db`, which a program built with Lucia may use as well.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = lucia_sessions::app("lucia.db").await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("curl -i -H 'Origin: http://127.0.0.1:3000' \\");
    println!("  -d 'email=ada@example.com&password=correct horse' http://127.0.0.1:3000/sign-up");
    Ok(axum::serve(listener, app).await?)
}
